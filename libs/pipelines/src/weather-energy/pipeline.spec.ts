import { goldenSuite } from '../../testing/golden-suite.ts';
import { batch } from './golden/batch.ts';
import { input } from './golden/input.ts';
import { weatherEnergy } from './pipeline.ts';

goldenSuite(weatherEnergy, { input, batch, directory: import.meta.dirname });
