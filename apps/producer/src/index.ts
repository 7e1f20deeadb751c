export { type ProducerConfig, readConfig } from './config.ts';
export { feedTopics } from './feed-topics.ts';
export { run, type RunningProducer } from './run.ts';
