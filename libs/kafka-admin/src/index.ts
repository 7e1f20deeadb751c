export { createTopics, type NewTopic } from './create-topics.ts';
export { waitForKafka, type WaitForKafkaOptions } from './wait-for-kafka.ts';
