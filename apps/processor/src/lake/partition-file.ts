import type { Column, Lake, LakeFile, Row } from '@millrace/storage';

export interface PartitionFileOptions {
  readonly lake: Lake;
  readonly topic: string;
  readonly partition: number;
  readonly columns: readonly Column[];
  /** The first offset that is not in the lake. */
  readonly position: number;
}

interface TakenEvent {
  readonly row: Row;
  readonly offset: number;
  /** The event's time. */
  readonly timeMs: number;
  /** Its size in the log. */
  readonly bytes: number;
  readonly nowMs: number;
}

/** The events of one partition that are not in the lake yet: at most one file's. */
export class PartitionFile {
  readonly #options: PartitionFileOptions;
  #file: LakeFile | undefined;
  #first: number;
  #position: number;
  #bytes = 0;
  #openedMs = 0;

  constructor(options: PartitionFileOptions) {
    this.#options = options;
    this.#first = this.#position = options.position;
  }

  /** The next offset to be taken. */
  get position(): number {
    return this.#position;
  }

  /** Size of what is waiting, as it lay in the log. */
  get bytes(): number {
    return this.#bytes;
  }

  /** When the first record that is waiting was taken; undefined when none is. */
  get openedMs(): number | undefined {
    return this.#position === this.#first ? undefined : this.#openedMs;
  }

  /** Takes an event; `row` may be used again. @throws StorageError `STORAGE_ROW`; the event is not taken then */
  take({ row, offset, timeMs, bytes, nowMs }: TakenEvent): void {
    const { lake, topic, partition, columns } = this.#options;
    this.#file ??= lake.file({ topic, partition, columns, firstOffset: this.#first });
    this.#file.append(row, offset, timeMs);
    this.#bytes += bytes;
    this.pass(offset + 1, nowMs);
  }

  /** What is before `position` was read, taken or not. */
  pass(position: number, nowMs: number): void {
    if (this.#position === this.#first) this.#openedMs = nowMs;
    this.#position = Math.max(this.#position, position);
  }

  /** Writes what is waiting and gives the number of its events; repeatable after an error that may pass. */
  async commit(): Promise<number> {
    if (this.#position === this.#first) return 0;
    const { lake, topic, partition, columns } = this.#options;
    const file = this.#file ?? lake.file({ topic, partition, columns, firstOffset: this.#first });
    await file.commit(this.#position);
    this.#file = undefined;
    this.#first = this.#position;
    this.#bytes = 0;
    return file.rows;
  }
}
