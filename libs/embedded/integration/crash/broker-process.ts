/**
 * The broker that a crash test kills: `node broker-process.ts FOLDER`. It loads, waits for a line on its input, opens the
 * folder and prints its port. Housekeeping runs all the time.
 */
import { once } from 'node:events';
import { flushCompileCache } from 'node:module';
import { startKafka } from '../../src/broker/start-kafka.ts';

// What has been compiled is kept for the next process: a killed one could not do it at its end.
flushCompileCache();
await once(process.stdin, 'data');
const kafka = await startKafka({
  dataDir: process.argv[2]!,
  housekeepingMs: 15,
  topicDefaults: { 'segment.bytes': '20000', 'min.cleanable.dirty.ratio': '0.05' },
});
process.stdout.write(`${kafka.port}\n`);
// Whoever started this process holds the other end; when that is gone, nobody will kill it any more.
process.stdin.once('end', () => process.exit()).resume();
