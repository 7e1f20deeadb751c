/** A broker and a registry in one process, to be killed: `node broker-process.ts PORT FOLDER`; prints the registry's address. */
import { startKafka, startRegistry } from '../../src/index.ts';

const [port = '0', dataDir = ''] = process.argv.slice(2);
const kafka = await startKafka({ port: Number(port), dataDir });
const registry = await startRegistry({ kafka });
process.stdout.write(`${registry.url}\n`);
