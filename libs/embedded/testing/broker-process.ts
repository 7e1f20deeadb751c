import { startKafka } from '../src/index.ts';
import type { KafkaOptions } from '../src/index.ts';

/** The embedded broker as a process of its own: `node broker-process.ts OPTIONS`, as JSON. */
await startKafka(JSON.parse(process.argv[2]!) as KafkaOptions);
