/** Unit tests: `x.spec.ts` beside `x.ts`; TypeScript and ES modules as they are, sources of sibling libraries through the `@millrace/source` condition. */
import { join } from 'node:path';
import { readFileSync } from 'node:fs';

const root = import.meta.dirname;
const project = JSON.parse(readFileSync(join(process.cwd(), 'package.json'), 'utf8')).name.replace(
  '@millrace/',
  '',
);

/** No project's tests of one target take half as long on a slow machine. */
const limitMs = 20 * 60_000;

/** @param {string} target the Nx target that runs these tests, part of the name of the totals file */
export const preset = (target = 'test') => ({
  rootDir: process.cwd(),
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic' } },
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  testEnvironmentOptions: { customExportConditions: ['@millrace/source', 'node'] },
  testMatch: {
    test: ['<rootDir>/src/**/*.spec.{ts,tsx}'],
    integration: ['<rootDir>/**/*.integration.spec.ts'],
    browser: ['<rootDir>/**/*.browser.spec.ts'],
  }[target],
  testPathIgnorePatterns:
    target === 'test' ? ['\\.integration\\.spec', '\\.browser\\.spec'] : ['/node_modules/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  testTimeout: target === 'test' ? 20_000 : 240_000,
  workerThreads: false,
  maxWorkers: 1,
  // What a failed test left open (connections that are tried again and again) must not keep the run from ending.
  forceExit: target !== 'test',
  reporters: [
    'default',
    [
      join(root, 'jest.totals.js'),
      { file: join(root, 'test-results', `${project}.${target}.json`), limitMs },
    ],
  ],
});

export default preset('test');
