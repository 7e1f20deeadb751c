export { createTopics, type NewTopic } from './create-topics.ts';
export { hideAbortedRecords } from './hide-aborted-records.ts';
export { waitForKafka, type WaitForKafkaOptions } from './wait-for-kafka.ts';
