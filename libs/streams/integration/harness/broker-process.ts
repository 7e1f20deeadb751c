import { startKafka } from '@millrace/embedded';
import './end-with-parent.ts';

/** The embedded broker as a process of its own, on a port and folder that outlive it. */
const settings = JSON.parse(process.argv[2]!) as { port: number; dataDir: string };
const kafka = await startKafka({ ...settings, minSessionTimeoutMs: 1_000, autoCreateTopics: false });
process.stdout.write(`${JSON.stringify({ port: kafka.port })}\n`);
