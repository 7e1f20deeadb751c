export { type ProcessorConfig, readConfig } from './config.ts';
export { run, type RunningProcessor } from './run.ts';
