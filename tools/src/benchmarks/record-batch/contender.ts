import type { Rows, Tally } from './rows.ts';

/** A way to read and write Kafka from Node. */
export interface Contender {
  readonly name: string;
  /**
   * Reads the topic from its beginning until `records` records have been counted. Time runs from the first records'
   * arrival, so that joining a group costs nobody anything; the first arrival's records are not counted in `timed`.
   */
  read(topic: string, records: number): Promise<Reading>;
  /** Opens a producer; each call of `write` sends all rows, acknowledged by all replicas, when its promise resolves. */
  openWriter(topic: string): Promise<Writing>;
}

export interface Reading {
  readonly tally: Tally;
  readonly timed: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export interface Writing {
  write(rows: Rows): Promise<void>;
  close(): Promise<void>;
}

/** How many produce requests may be under way at once, for every contender. */
export const IN_FLIGHT = 2;

/** What every contender asks of the broker. */
export const FETCH = { maxWaitMs: 500, minBytes: 1, maxBytes: 16 << 20, partitionBytes: 4 << 20 };

/** Runs `send(batch)` for each batch number below `batches`, at most `IN_FLIGHT` at a time. */
export async function sendAll(
  batches: number,
  send: (batch: number, lane: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async (_: unknown, index: number) => {
    while (next < batches) await send(next++, index);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

/** A clock of wall and processor time that starts with the first records. */
export class Stopwatch {
  #startedAt = 0n;
  #cpuAtStart = process.cpuUsage();
  #before = 0;

  /** To be called with the number of records read after each arrival; the first call starts the clock. */
  arrived(records: number): void {
    if (this.#startedAt !== 0n) return;
    this.#startedAt = process.hrtime.bigint();
    this.#cpuAtStart = process.cpuUsage();
    this.#before = records;
  }

  stop(tally: Tally): Reading {
    const cpu = process.cpuUsage(this.#cpuAtStart);
    return {
      tally,
      timed: tally.records - this.#before,
      seconds: Number(process.hrtime.bigint() - this.#startedAt) / 1e9,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
    };
  }
}
