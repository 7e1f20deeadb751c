import { goldenSuite } from '../../testing/golden-suite.ts';
import { batch } from './golden/batch.ts';
import { input } from './golden/input.ts';
import { clickstream } from './pipeline.ts';

goldenSuite(clickstream, { input, batch, directory: import.meta.dirname });
