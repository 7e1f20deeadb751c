import { join } from 'node:path';
import { fetchAvro } from '../../../services/extras.ts';
import { fetchKafka } from '../../../services/kafka.ts';
import { javaEngine } from '../java-engine.ts';

export const kafkaStreams = javaEngine({
  id: 'kafka-streams',
  title: 'Kafka Streams 4.1',
  settings: 'exactly-once v2, in-memory store with changelog, emit on close',
  source: join(import.meta.dirname, 'KafkaStreamsJob.java'),
  losesWhatIsOvertaken: true,
  libraries: () => Promise.all([fetchKafka(), fetchAvro()]),
});
