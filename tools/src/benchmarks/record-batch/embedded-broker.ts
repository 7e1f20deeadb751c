/** A broker in a process of its own, so that its work is not counted as the clients'; ends with its parent. */
import { fork } from 'node:child_process';
import { startKafka } from '@millrace/embedded';

export interface EmbeddedBroker {
  readonly brokers: string[];
  stop(): void;
}

/** Starts this file as a child process and resolves when its broker listens. */
export function startEmbeddedBroker(): Promise<EmbeddedBroker> {
  const child = fork(import.meta.filename, ['serve'], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status) => reject(new Error(`the embedded broker ended with ${status}`)));
    child.once('message', (brokers) =>
      resolve({
        brokers: brokers as string[],
        stop: () => {
          child.removeAllListeners();
          child.disconnect();
        },
      }),
    );
  });
}

if (process.argv[2] === 'serve' && process.send !== undefined) {
  const kafka = await startKafka();
  process.send(kafka.brokers);
  process.once('disconnect', () => process.exit(0));
}
