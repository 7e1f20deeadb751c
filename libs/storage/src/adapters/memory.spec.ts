import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { storageConformance } from '../conformance/index.ts';
import { memoryStorage } from './memory.ts';

storageConformance(
  { describe, it, beforeAll, afterAll },
  { name: 'memory', open: async () => memoryStorage() },
);
