import type { CompiledAggregates } from '../aggregates/compile.ts';
import type { Key, KeyTable } from '../state/key-table.ts';
import type { Cells } from './cells.ts';
import type { LateEvent, ResultState, ResultVisitor } from './result.ts';

/** The bounds and the standing of one result. */
export interface Frame {
  start: number;
  end: number;
  state: ResultState;
  revision: number;
  /** The number of a count window. */
  index?: number;
}

/** The number that is told of a key that has none: no key has so great a one. */
const NO_NUMBER = 2 ** 31 - 1;

interface EmitterOptions<Row> {
  readonly aggregates: CompiledAggregates;
  readonly keys: KeyTable;
  readonly onResult: ResultVisitor;
  readonly onLate: ((late: LateEvent<Row>) => void) | undefined;
}

/** Fills the reused objects that results and late events are handed out in, and counts them. */
export class Emitter<Row> {
  results = 0;
  missed = 0;
  readonly #options: EmitterOptions<Row>;
  readonly #names: readonly string[];
  readonly #result: Record<string, unknown>;
  readonly #bounds = { windowStart: 0, windowEnd: 0 };
  readonly #late: LateEvent<Row>;

  constructor(options: EmitterOptions<Row>) {
    this.#options = options;
    this.#names = options.aggregates.names;
    this.#result = { key: '', windowStart: 0, windowEnd: 0 };
    for (const name of this.#names) this.#result[name] = null;
    Object.assign(this.#result, { state: 'final', revision: 0, watermark: 0 });
    this.#late = {
      key: '',
      timeMs: 0,
      row: undefined,
      partition: 0,
      windowStart: 0,
      windowEnd: 0,
      watermark: 0,
      latenessMs: 0,
    };
  }

  /** Hands out one result of a cell, or takes it back. */
  emit(keyId: number, cell: { cells: Cells; slot: number }, frame: Frame, watermark: number): void {
    this.results++;
    this.#show(this.#options.keys.keyOf(keyId), cell, frame, watermark);
    this.#options.onResult(this.#result, keyId);
  }

  /** As `emit`, for a key that has no number. */
  emitKey(key: Key, cell: { cells: Cells; slot: number }, frame: Frame, watermark: number): void {
    this.results++;
    this.#show(key, cell, frame, watermark);
    this.#options.onResult(this.#result, NO_NUMBER);
  }

  /** Shows one result of a cell without counting it. */
  show(
    keyId: number,
    cell: { cells: Cells; slot: number },
    to: { frame: Frame; watermark: number; visit: ResultVisitor },
  ): void {
    this.#show(this.#options.keys.keyOf(keyId), cell, to.frame, to.watermark);
    to.visit(this.#result, keyId);
  }

  /** As `show`, for a key that has no number. */
  showKey(
    key: Key,
    cell: { cells: Cells; slot: number },
    to: { frame: Frame; watermark: number; visit: ResultVisitor },
  ): void {
    this.#show(key, cell, to.frame, to.watermark);
    to.visit(this.#result, NO_NUMBER);
  }

  #show(key: Key, cell: { cells: Cells; slot: number }, frame: Frame, watermark: number): void {
    const result = this.#result;
    const bounds = this.#bounds;
    bounds.windowStart = frame.start;
    bounds.windowEnd = frame.end;
    result['key'] = key;
    result['windowStart'] = frame.start === -Infinity ? null : frame.start;
    result['windowEnd'] = frame.end === Infinity ? null : frame.end;
    const names = this.#names;
    const { columns } = cell.cells;
    for (let i = 0; i < names.length; i++) {
      result[names[i]!] = frame.state === 'retracted' ? null : columns[i]!.value(cell.slot, bounds);
    }
    result['state'] = frame.state;
    result['revision'] = frame.revision;
    result['watermark'] = watermark;
    if (frame.index !== undefined) result['index'] = frame.index;
  }

  /** Reports a missed window. */
  late(
    event: { key: Key; timeMs: number; row: Row | undefined; partition: number },
    window: { start: number; end: number },
    watermark: number,
  ): void {
    this.missed++;
    if (this.#options.onLate === undefined) return;
    const late = this.#late;
    late.key = event.key;
    late.timeMs = event.timeMs;
    late.row = event.row;
    late.partition = event.partition;
    late.windowStart = window.start === -Infinity ? null : window.start;
    late.windowEnd = window.end === Infinity ? null : window.end;
    late.watermark = watermark;
    late.latenessMs = watermark - event.timeMs;
    this.#options.onLate(late);
    late.row = undefined;
  }
}
