import { startKafka } from '@millrace/embedded';

/** The embedded broker as a process of its own, on a port and folder that outlive it. */
const settings = JSON.parse(process.argv[2]!) as { port: number; dataDir: string };
const kafka = await startKafka({ ...settings, minSessionTimeoutMs: 1_000 });
process.stdout.write(`${JSON.stringify({ event: 'listening', port: kafka.port })}\n`);
process.once('SIGTERM', () => void kafka.stop().then(() => process.exit(0)));
