import type { Job } from './clicks.ts';

/** One job of one engine: where it reads and writes. */
export interface JobRun {
  /** Unique; also what an engine calls its own topics and groups, so that they can be deleted. */
  readonly name: string;
  readonly job: Job;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly topic: string;
  readonly resultsTopic: string;
  /** Empty, deleted afterwards. */
  readonly folder: string;
}

/** A process that prints a line `FIRST` when it takes up the first record, and goes on until it is ended. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

export interface ReadResult {
  readonly key: string;
  readonly windowStart: number;
  readonly count: number;
}

/** Reads one record of a results topic. */
export type ReadRecord = (key: Buffer, value: Buffer) => ReadResult | Promise<ReadResult>;

export interface Engine {
  readonly id: 'millrace' | 'millrace-2' | 'flink' | 'kafka-streams' | 'spark';
  readonly title: string;
  readonly settings: string;
  resultsTopic(name: string): string;
  /** Makes the results topic itself. */
  readonly makesTopic: boolean;
  /** The clicks that close all windows may overtake others in its repartition: they must come when all else is read. */
  readonly losesWhatIsOvertaken?: boolean;
  command(run: JobRun): Promise<Command>;
  reader(run: JobRun): ReadRecord;
}

/** Which field a job groups by. */
export const groupedBy: Record<Job, 'user_id' | 'page'> = { wide: 'user_id', narrow: 'page' };
