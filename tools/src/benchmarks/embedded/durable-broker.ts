/** An embedded broker that keeps its topics in a folder, in a process of its own; ends with its parent. */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka } from '@millrace/embedded';

export interface DurableBroker {
  readonly broker: string;
  stop(): Promise<void>;
}

/** Starts this file as a child process and resolves when its broker listens. */
export function startDurableBroker(): Promise<DurableBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const child = fork(import.meta.filename, ['serve', folder], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status) => reject(new Error(`the embedded broker ended with ${status}`)));
    child.once('message', (broker) =>
      resolve({
        broker: broker as string,
        stop: () =>
          new Promise((stopped) => {
            child.removeAllListeners();
            child.once('exit', () => {
              rmSync(folder, { recursive: true });
              stopped();
            });
            child.disconnect();
          }),
      }),
    );
  });
}

if (process.argv[2] === 'serve' && process.send !== undefined) {
  const kafka = await startKafka({ dataDir: process.argv[3]! });
  process.send(kafka.brokers[0]);
  process.once('disconnect', () => void kafka.stop().then(() => process.exit(0)));
}
