import { goldenSuite } from '../../testing/golden-suite.ts';
import { batch } from './golden/batch.ts';
import { input } from './golden/input.ts';
import { userIngestion } from './pipeline.ts';

goldenSuite(userIngestion, { input, batch, directory: import.meta.dirname });
