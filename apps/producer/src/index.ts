export { type ProducerConfig, readConfig } from './config.ts';
export { run, type RunningProducer } from './run.ts';
