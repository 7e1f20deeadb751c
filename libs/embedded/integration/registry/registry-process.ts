/** A registry in a process of its own, to be killed: `node registry-process.ts BROKERS TOPIC`; prints its address. */
import { startRegistry } from '../../src/index.ts';

const [brokers = '', topic = '_schemas'] = process.argv.slice(2);
const registry = await startRegistry({ kafka: { brokers: brokers.split(',') }, topic });
process.stdout.write(`${registry.url}\n`);
