import { join } from 'node:path';
import { preset } from '../../../jest.preset.js';

const root = join(import.meta.dirname, '../../..');

/** For test files in documents: `tools/src/check-docs` writes and runs them. */
export default {
  ...preset('docs'),
  rootDir: root,
  testMatch: ['**/*.spec.ts'],
  modulePathIgnorePatterns: [],
  testTimeout: 30_000,
  reporters: ['default'],
};
