/**
 * The broker that a crash test kills: `node broker-process.ts FOLDER`. It loads, waits for a line on its input, opens the
 * folder and prints its port. Housekeeping runs all the time.
 */
import { once } from 'node:events';
import { startKafka } from '../../src/broker/start-kafka.ts';

await once(process.stdin, 'data');
const kafka = await startKafka({
  dataDir: process.argv[2]!,
  housekeepingMs: 15,
  topicDefaults: { 'segment.bytes': '20000', 'min.cleanable.dirty.ratio': '0.05' },
});
process.stdout.write(`${kafka.port}\n`);
