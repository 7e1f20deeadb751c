import { extname } from 'node:path';
import { Worker as Thread } from 'node:worker_threads';
import { StreamsError } from '../../errors.ts';
import { newCounters } from '../counters.ts';
import type { OnEvent } from '../ports.ts';
import type { PartQuery, QueryAnswer } from '../../queries/query.ts';
import type { Runner, RunnerStatus } from '../runner.ts';
import { errorOf } from './thread-messages.ts';
import type { FromThread, ThreadSettings, ToThread } from './thread-messages.ts';

export interface WorkerThreadOptions {
  /** From 1. */
  readonly number: number;
  readonly settings: ThreadSettings;
  readonly onEvent: OnEvent;
}

/** The file that a thread runs lies beside this one, compiled or not. */
const program = new URL(`./thread-main${extname(import.meta.url)}`, import.meta.url);
/** A thread that has not ended so long after its own `stopTimeoutMs` hangs, and is ended. */
const stopReserveMs = 5_000;

interface Asked {
  resolve(answer: QueryAnswer): void;
  reject(error: unknown): void;
}

/** One worker on a thread of its own, as seen from the thread that started it. */
export class WorkerThread implements Runner {
  status: RunnerStatus = {
    counters: newCounters(),
    tasks: [],
    standbys: [],
    watermarks: {},
    isSettled: true,
    isPaused: false,
    group: undefined,
  };
  readonly #options: WorkerThreadOptions;
  readonly #observers: ((durationMs: number) => void)[] = [];
  readonly #asked = new Map<number, Asked>();
  readonly #thread: Thread;
  readonly #ended: Promise<void>;
  readonly #ready = Promise.withResolvers<void>();
  #questions = 0;
  #outcome: { readonly error?: unknown } | undefined;

  constructor(options: WorkerThreadOptions) {
    this.#options = options;
    const { settings, number } = options;
    this.#thread = new Thread(program, {
      workerData: settings,
      name: `${settings.definition.name} worker ${number}`,
    });
    this.#thread.on('message', (message: FromThread) => this.#receive(message));
    this.#ended = new Promise((resolve, reject) => {
      this.#thread.once('error', (error) => (this.#outcome ??= { error: this.#died(error) }));
      this.#thread.once('exit', (code) => {
        const { error } = (this.#outcome ??= { error: this.#died(new Error(`exit code ${code}`)) });
        for (const { reject: refuse } of this.#asked.values()) refuse(this.#died(error));
        this.#asked.clear();
        if (error === undefined) resolve();
        else reject(error as Error);
      });
    });
    // `run` hands it on.
    this.#ended.catch(() => undefined);
  }

  run(): Promise<void> {
    return this.#ended;
  }

  /** Fulfilled when it waits for `join`; never, when it ends before. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Lets it join the group. */
  join(): void {
    this.#tell({ type: 'join' });
  }

  stop(): void {
    this.#tell({ type: 'stop' });
    const { stopTimeoutMs } = this.#options.settings.settings;
    const timer = setTimeout(() => void this.#thread.terminate(), stopTimeoutMs + stopReserveMs);
    this.#thread.once('exit', () => clearTimeout(timer));
  }

  pause(): void {
    this.#tell({ type: 'pause' });
    this.status = { ...this.status, isPaused: true };
  }

  resume(): void {
    this.#tell({ type: 'resume' });
    this.status = { ...this.status, isPaused: false };
  }

  query(query: PartQuery): Promise<QueryAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#outcome !== undefined) return reject(this.#died(new Error('it has stopped')));
      const id = this.#questions++;
      this.#asked.set(id, { resolve, reject });
      this.#tell({ type: 'query', id, query });
    });
  }

  observeCommits(observer: (durationMs: number) => void): void {
    this.#observers.push(observer);
  }

  #tell(message: ToThread): void {
    this.#thread.postMessage(message);
  }

  #receive(message: FromThread): void {
    const { number, onEvent } = this.#options;
    switch (message.type) {
      case 'ready':
        this.#ready.resolve();
        return;
      case 'status':
        this.status = message.status;
        for (const durationMs of message.commitsMs)
          for (const observe of this.#observers) observe(durationMs);
        return;
      case 'event':
        onEvent({ ...message.event, message: `worker ${number}: ${message.event.message}`, worker: number });
        return;
      case 'answer':
        this.#take(message.id)?.resolve(message.answer);
        return;
      case 'refusal':
        this.#take(message.id)?.reject(errorOf(message.error));
        return;
      case 'failed':
        this.#outcome = { error: errorOf(message.error) };
        return;
      case 'ended':
        this.#outcome = {};
    }
  }

  #take(id: number): Asked | undefined {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    return asked;
  }

  #died(cause: unknown): StreamsError {
    if (cause instanceof StreamsError) return cause;
    const { definition, settings } = this.#options.settings;
    return new StreamsError(
      'STREAMS_WORKER',
      `worker ${this.#options.number} of pipeline "${definition.name}" (${settings.transactionalId}) ended: ${(cause as Error).message}; what it had not committed is counted again by whoever gets its tasks`,
      { cause },
    );
  }
}
