import type { ByteReader } from '../bytes/byte-reader.ts';
import type { ByteWriter } from '../bytes/byte-writer.ts';
import { copyValue, readValue, writeValue } from '../bytes/plain-value.ts';
import { requireDuration, shown, WindowingError } from '../errors.ts';
import { KeyedState } from '../operators/keyed-state.ts';
import type { RejectedEvent } from '../operators/result.ts';
import type { LateRecord, TimedOptions } from '../operators/timed-operator.ts';
import { TimedOperator } from '../operators/timed-operator.ts';
import type { Key } from '../state/key-table.ts';

export interface StreamJoinOptions extends TimedOptions {
  /** `left`: left rows without partner too; `outer`: those of both sides. */
  readonly type: 'inner' | 'left' | 'outer';
  /** A right row joins a left row of time `t` when its time is in `[t − beforeMs, t + afterMs]`, both inclusive. */
  readonly beforeMs: number;
  readonly afterMs: number;
}

export interface JoinedRow<Left, Right> {
  readonly key: Key;
  /** The later of both times. */
  readonly timeMs: number;
  readonly left: Left | null;
  readonly right: Right | null;
}

export interface StreamJoinSinks<Left, Right> {
  onRow(row: JoinedRow<Left, Right>): void;
  onLate?(late: LateRecord<Left | Right> & { side: Side }): void;
  onRejected?(rejected: RejectedEvent<Left | Right>): void;
}

type Side = 'left' | 'right';

interface Entry {
  readonly timeMs: number;
  readonly row: unknown;
  joined: boolean;
}

/** Ascending by time. */
interface Sides {
  readonly left: Entry[];
  readonly right: Entry[];
}

/**
 * Joins the rows of two streams that have the same key and lie near in time. A row is held until no partner can be taken any
 * more, `watermark > time + beforeMs + afterMs + graceMs`; left and outer rows without partner come out then. Rows are kept as JSON.
 */
export class StreamJoin<Left, Right> extends TimedOperator<Left | Right, Sides> {
  protected readonly keyed: KeyedState<Sides>;
  readonly #options: StreamJoinOptions;
  readonly #sinks: StreamJoinSinks<Left, Right>;

  /** @throws WindowingError WINDOWING_OPTION_INVALID */
  constructor(options: StreamJoinOptions, sinks: StreamJoinSinks<Left, Right>) {
    super({ ...options, partitions: ofBothSides(options.partitions) }, sinks.onRejected?.bind(sinks));
    const { type, beforeMs, afterMs } = options;
    if (!['inner', 'left', 'outer'].includes(type)) {
      throw new WindowingError(
        'WINDOWING_OPTION_INVALID',
        `The join's type is ${shown(type)}; give "inner", "left" or "outer".`,
      );
    }
    requireDuration(beforeMs, 'beforeMs');
    requireDuration(afterMs, 'afterMs');
    this.#options = options;
    this.#sinks = sinks;
    this.keyed = new KeyedState<Sides>({
      definition: ['stream-join', type, beforeMs, afterMs],
      ...this.surroundings,
      write: writeSides,
      read: (key, input) => this.#readSides(key, input),
    });
  }

  /** Partitions of both sides are told apart: `partition` counts for its side alone. */
  addLeft(key: Key, timeMs: number, row: Left, partition = 0): boolean {
    return this.#add('left', key, timeMs, { row, partition });
  }

  addRight(key: Key, timeMs: number, row: Right, partition = 0): boolean {
    return this.#add('right', key, timeMs, { row, partition });
  }

  /** Raises the watermark of one side's partition. */
  advanceSide(side: Side, watermarkMs: number, partition = 0): void {
    this.advanceWatermark(watermarkMs, idOf(side, partition));
  }

  /** The watermark of one side's partition alone. */
  sideWatermark(side: Side, partition = 0): number {
    return this.watermarkOf(idOf(side, partition));
  }

  /** Says that one side's partition is silent and no longer holds the watermark, until its next row. */
  markSideIdle(side: Side, partition = 0): void {
    this.markIdle(idOf(side, partition));
  }

  /** Ends the input of both sides. */
  finish(): void {
    for (const id of this.marks.partitions) this.advanceWatermark(Infinity, id);
  }

  #add(side: Side, key: Key, timeMs: number, of: { row: Left | Right; partition: number }): boolean {
    const { row, partition } = of;
    if (!this.admits(key, timeMs, row, partition)) return false;
    const { beforeMs, afterMs } = this.#options;
    const [back, ahead] = side === 'left' ? [beforeMs, afterMs] : [afterMs, beforeMs];
    const watermark = this.watermark;
    if (watermark > timeMs + ahead + this.graceMs) {
      const latenessMs = watermark - timeMs;
      this.#sinks.onLate?.({ side, key, timeMs, row, partition, watermark, latenessMs });
      return true;
    }
    let sides = this.keyed.states.get(key);
    if (sides === undefined) this.keyed.states.set(key, (sides = { left: [], right: [] }));
    const entry: Entry = { timeMs, row: copyValue(row), joined: false };
    const partners = side === 'left' ? sides.right : sides.left;
    for (const partner of partners) {
      if (partner.timeMs < timeMs - back) continue;
      if (partner.timeMs > timeMs + ahead) break;
      entry.joined = true;
      partner.joined = true;
      this.#emit(key, side === 'left' ? [entry, partner] : [partner, entry]);
    }
    const own = sides[side];
    let at = own.length;
    while (at > 0 && own[at - 1]!.timeMs > timeMs) at--;
    own.splice(at, 0, entry);
    this.keyed.mark(key);
    this.setTimer(timeMs + beforeMs + afterMs + this.graceMs, key);
    this.observe(timeMs, idOf(side, partition));
    return true;
  }

  protected due(key: Key): void {
    const sides = this.keyed.states.get(key);
    if (sides === undefined) return;
    const { type, beforeMs, afterMs } = this.#options;
    const held = this.watermark - beforeMs - afterMs - this.graceMs;
    for (const side of ['left', 'right'] as const) {
      const own = sides[side];
      while (own.length > 0 && own[0]!.timeMs < held) {
        const entry = own.shift()!;
        if (entry.joined || type === 'inner' || (type === 'left' && side === 'right')) continue;
        this.#emit(key, side === 'left' ? [entry, undefined] : [undefined, entry]);
      }
    }
    if (sides.left.length + sides.right.length === 0) this.keyed.states.delete(key);
    this.keyed.mark(key);
  }

  #emit(key: Key, [left, right]: [Entry | undefined, Entry | undefined]): void {
    this.#sinks.onRow({
      key,
      timeMs: Math.max(left?.timeMs ?? -Infinity, right?.timeMs ?? -Infinity),
      left: (left?.row ?? null) as Left | null,
      right: (right?.row ?? null) as Right | null,
    });
  }

  #readSides(key: Key, input: ByteReader): Sides {
    const { beforeMs, afterMs } = this.#options;
    const readSide = (): Entry[] => {
      const entries: Entry[] = [];
      for (let left = input.count(3); left > 0; left--) {
        const timeMs = input.number();
        const joined = input.byte() === 1;
        entries.push({ timeMs, joined, row: readValue(input) });
        this.setTimer(timeMs + beforeMs + afterMs + this.graceMs, key);
      }
      return entries;
    };
    return { left: readSide(), right: readSide() };
  }
}

const idOf = (side: Side, partition: number): number => partition * 2 + (side === 'left' ? 0 : 1);

/** Both sides hold the watermark from the start: a side that has said nothing yet may still send old rows. */
function ofBothSides(partitions: readonly number[] = [0]): number[] {
  return partitions.flatMap((partition) => [idOf('left', partition), idOf('right', partition)]);
}

function writeSides(sides: Sides, out: ByteWriter): void {
  for (const entries of [sides.left, sides.right]) {
    out.varint(entries.length);
    for (const { timeMs, joined, row } of entries) {
      out.number(timeMs);
      out.byte(joined ? 1 : 0);
      writeValue(out, row);
    }
  }
}
