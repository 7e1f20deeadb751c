import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { prepareApacheKafka } from './apache-kafka.ts';
import type { OauthSettings } from './apache-kafka.ts';
import type { KafkaOptions } from '../src/index.ts';
import { freePort } from './free-port.ts';
import { LossyProxy } from './lossy-proxy.ts';

const startLimitMs = 60_000;

/**
 * A broker of a test's own, in a process that can be killed and comes back with its data and address: the embedded one, or Apache
 * Kafka's from a folder with its jars. Clients reach it through `proxy`. Sessions may be as short as a second.
 */
export class OwnBroker {
  readonly brokers: string[];
  readonly proxy: LossyProxy;
  readonly #folder: string;
  readonly #command: readonly [string, readonly string[]];
  #process: ChildProcess | undefined;
  #exited: Promise<unknown> | undefined;
  #guard: ChildProcess | undefined;
  #said = '';

  private constructor(proxy: LossyProxy, folder: string, command: readonly [string, readonly string[]]) {
    this.proxy = proxy;
    this.brokers = [`127.0.0.1:${proxy.port}`];
    this.#folder = folder;
    this.#command = command;
  }

  /** Starts one; Apache Kafka if given its `kafkaLibs`. With `oauth`, clients have to log in by OAUTHBEARER. */
  static async start(kafkaLibs?: string, oauth?: OauthSettings): Promise<OwnBroker> {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-broker-'));
    const proxy = await LossyProxy.start(await freePort());
    const place = { port: proxy.targetPort, advertisedPort: proxy.port };
    const command =
      kafkaLibs === undefined
        ? embedded({
            ...{ ...place, dataDir: join(folder, 'data') },
            ...(oauth && { sasl: { users: {}, mechanisms: ['OAUTHBEARER'], ...oauth } }),
          })
        : await prepareApacheKafka({ ...place, libs: kafkaLibs, folder, oauth });
    const broker = new OwnBroker(proxy, folder, command);
    await proxy.shut();
    await broker.start();
    return broker;
  }

  /** Starts it again after `kill`; resolves when it answers. @throws Error with what it printed if it ends instead */
  async start(): Promise<void> {
    const [file, args] = this.#command;
    const child = spawn(file, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    this.#guard = guard(child);
    this.#exited = once(child, 'exit');
    this.#said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.#said = (this.#said + chunk.toString()).slice(-4_000)));
    const giveUpMs = performance.now() + startLimitMs;
    while (!(await answers(this.proxy.targetPort))) {
      if (child.exitCode !== null || performance.now() > giveUpMs) {
        await this.kill();
        throw new Error(`the broker did not start (${file} ${args.join(' ')}): ${this.#said}`);
      }
      await pause(50);
    }
    await this.proxy.open();
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.#process?.kill('SIGKILL');
    await Promise.all([this.#exited, this.proxy.shut()]);
    this.#guard?.kill();
  }

  /** Ends it for good, and what it kept. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Kills a process once this one has ended, however it did. */
const guard = ({ pid }: ChildProcess) =>
  spawn('sh', ['-c', `read _; kill -9 ${pid}`], { stdio: ['pipe', 'ignore', 'ignore'] });

function embedded(options: KafkaOptions): [string, string[]] {
  const settings: KafkaOptions = { ...options, minSessionTimeoutMs: 1_000, autoCreateTopics: false };
  const flags = ['--conditions=@millrace/source', '--disable-warning=ExperimentalWarning'];
  const program = join(import.meta.dirname, 'broker-process.ts');
  return [process.execPath, [...flags, program, JSON.stringify(settings)]];
}

// ApiVersions, version 0, correlation id 1, no client id: any broker that is up answers it.
const apiVersions = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]);

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write(apiVersions));
    socket.once('data', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
