import { goldenSuite } from '../../testing/golden-suite.ts';
import { batch } from './golden/batch.ts';
import { input } from './golden/input.ts';
import { userActivity } from './pipeline.ts';

goldenSuite(userActivity, { input, batch, directory: import.meta.dirname });
