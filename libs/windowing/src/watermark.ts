import type { ByteReader } from './bytes/byte-reader.ts';
import type { ByteWriter } from './bytes/byte-writer.ts';

interface Partition {
  readonly id: number;
  watermark: number;
  idle: boolean;
  /** A record came since the last `tick`. */
  heard: boolean;
  /** The wall clock when the partition was last heard of. */
  heardAt: number;
}

/** The watermarks of partitions, and their combination: the minimum over those that are not idle, never going back. */
export class Watermarks {
  readonly #outOfOrderMs: number;
  readonly #partitions = new Map<number, Partition>();
  #last: Partition | undefined;
  /** No event with a smaller time is expected. */
  combined = -Infinity;

  constructor(outOfOrderMs: number, partitions: readonly number[]) {
    this.#outOfOrderMs = outOfOrderMs;
    for (const id of partitions) this.#partition(id);
  }

  get partitions(): readonly number[] {
    return [...this.#partitions.keys()];
  }

  /** The watermark of one partition: its greatest event time minus the out-of-orderness. */
  of(partition: number): number {
    const last = this.#last;
    if (last !== undefined && last.id === partition) return last.watermark;
    return this.#partitions.get(partition)?.watermark ?? -Infinity;
  }

  isIdle(partition: number): boolean {
    return this.#partitions.get(partition)?.idle ?? false;
  }

  /** Takes note of a record; true when the combined watermark moved. */
  observe(partition: number, timeMs: number): boolean {
    return this.advance(partition, timeMs - this.#outOfOrderMs);
  }

  /** Raises a partition's watermark (lower ones change nothing, but end its idleness); true when the combined one moved. */
  advance(partition: number, watermarkMs: number): boolean {
    const last = this.#last;
    const of = last !== undefined && last.id === partition ? last : this.#partition(partition);
    this.#last = of;
    of.heard = true;
    if (of.idle) {
      of.idle = false;
      if (watermarkMs > of.watermark) of.watermark = watermarkMs;
      return this.#combine();
    }
    if (!(watermarkMs > of.watermark)) return false;
    const held = of.watermark <= this.combined;
    of.watermark = watermarkMs;
    if (!held) return false;
    // A single one, the usual case, needs no comparing with others.
    if (this.#partitions.size > 1) return this.#combine();
    if (watermarkMs <= this.combined) return false;
    this.combined = watermarkMs;
    return true;
  }

  /** Declares a partition silent, or heard of again; true when the combined watermark moved. */
  setIdle(partition: number, idle: boolean): boolean {
    const of = this.#partition(partition);
    of.heard = !idle;
    of.idle = idle;
    return this.#combine();
  }

  /** Takes the wall clock's word that `idleAfterMs` have gone by without a record; true when the combined watermark moved. */
  tick(nowMs: number, idleAfterMs: number): boolean {
    for (const of of this.#partitions.values()) {
      if (of.heard || of.heardAt === -Infinity) {
        of.heard = false;
        of.heardAt = nowMs;
      } else if (nowMs - of.heardAt >= idleAfterMs) {
        of.idle = true;
      }
    }
    return this.#combine();
  }

  /** Forgets a partition that this instance no longer reads; true when the combined watermark moved. */
  remove(partition: number): boolean {
    if (this.#last?.id === partition) this.#last = undefined;
    return this.#partitions.delete(partition) && this.#combine();
  }

  write(out: ByteWriter): void {
    out.number(this.combined);
    out.varint(this.#partitions.size);
    for (const { id, watermark, idle } of this.#partitions.values()) {
      out.number(id);
      out.number(watermark);
      out.byte(idle ? 1 : 0);
    }
  }

  /** Takes what `write` wrote; nothing goes back. */
  read(input: ByteReader): void {
    this.combined = Math.max(this.combined, input.number());
    for (let left = input.count(3); left > 0; left--) {
      const of = this.#partition(input.number());
      of.watermark = Math.max(of.watermark, input.number());
      of.idle = input.byte() === 1;
    }
  }

  #partition(id: number): Partition {
    let of = this.#partitions.get(id);
    if (of === undefined) {
      of = { id, watermark: -Infinity, idle: false, heard: false, heardAt: -Infinity };
      this.#partitions.set(id, of);
    }
    return of;
  }

  #combine(): boolean {
    let least = Infinity;
    let greatest = -Infinity;
    let anyActive = false;
    for (const { watermark, idle } of this.#partitions.values()) {
      if (watermark > greatest) greatest = watermark;
      if (idle) continue;
      anyActive = true;
      if (watermark < least) least = watermark;
    }
    const combined = anyActive ? least : greatest;
    if (!(combined > this.combined)) return false;
    this.combined = combined;
    return true;
  }
}
