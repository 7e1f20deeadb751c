export { type ProcessorConfig, readConfig } from './config.ts';
export { run, type RunningProcessor } from './run.ts';
export { resultTables, sinkNames } from './sinks/tables.ts';
