import type { CompiledAggregates } from '../aggregates/compile.ts';
import { compileAggregates } from '../aggregates/compile.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { requireDuration, WindowingError } from '../errors.ts';
import type { Key } from '../state/key-table.ts';
import { KeyTable } from '../state/key-table.ts';
import { Watermarks } from '../watermark.ts';
import { checkWindow } from '../windows/check-window.ts';
import type { Slicer } from '../windows/slicer.ts';
import { createSlicer } from '../windows/create-slicer.ts';
import type { Window } from '../windows/window.ts';
import { Emitter } from './emitter.ts';
import { EventGate } from './event-gate.ts';
import type { OperatorOptions, OperatorSinks } from './operator-options.ts';
import { Pane } from './pane.ts';
import { definitionOf, Form, MAX_CHUNK_BYTES, writeHeader, writeKey } from './state-form.ts';

/**
 * Adds up events before they are sent to the instance that owns their key, so that a repartition carries windows instead of
 * events. It never closes anything: an event is late by its own partition's watermark, when all its windows are gone.
 */
export class Combiner<Row> {
  readonly #aggregates: CompiledAggregates;
  readonly #slicer: Slicer;
  readonly #gate: EventGate<Row>;
  readonly #emitter: Emitter<Row>;
  readonly #watermarks: Watermarks;
  readonly #graceMs: number;
  readonly #eventsMoveWatermark: boolean;
  readonly #definition: number;
  readonly #keys = new KeyTable();
  readonly #panes = new Map<number, Pane>();
  #last: Pane | undefined;

  /** @throws WindowingError for definitions that cannot work, or whose windows are not on the clock */
  constructor(options: OperatorOptions<Row>, sinks: Pick<OperatorSinks<Row>, 'onLate' | 'onRejected'> = {}) {
    const { outOfOrderMs = 0, graceMs = 0 } = options;
    const window = options.window as Window;
    checkWindow(window);
    if (window.type === 'session' || window.type === 'sliding' || window.type === 'count') {
      throw new WindowingError(
        'WINDOWING_OPTION_INVALID',
        `A combiner cannot add up ${window.type} windows before their key's events are together; send the events.`,
      );
    }
    requireDuration(outOfOrderMs, 'outOfOrderMs');
    requireDuration(graceMs, 'graceMs');
    this.#aggregates = compileAggregates(options.aggregates);
    this.#definition = definitionOf(window, this.#aggregates);
    this.#slicer = createSlicer(window);
    this.#watermarks = new Watermarks(outOfOrderMs, []);
    this.#graceMs = graceMs;
    this.#eventsMoveWatermark = options.watermarks !== 'explicit';
    this.#gate = new EventGate(options, this.#aggregates.inputs, sinks.onRejected?.bind(sinks));
    this.#emitter = new Emitter({
      aggregates: this.#aggregates,
      keys: this.#keys,
      onResult: () => undefined,
      onLate: sinks.onLate?.bind(sinks),
    });
  }

  /** The watermark of a partition, to be sent along with its partial aggregates. */
  watermarkOf(partition: number): number {
    return this.#watermarks.of(partition);
  }

  /** Cells that wait for `drainPartials`. */
  get cellCount(): number {
    let cells = 0;
    for (const pane of this.#panes.values()) cells += pane.keys.size;
    return cells;
  }

  /** Counts one event; false when it cannot be counted. `hint`: see `Operator.add`. */
  add(key: Key, timeMs: number, row: Row, partition = 0, hint = 0): boolean {
    if (!this.#gate.admits(key, timeMs, row, partition)) return false;
    let pane = this.#last;
    if (pane === undefined || timeMs < pane.start || timeMs >= pane.end) {
      pane = this.#last = this.#paneOf(timeMs);
    }
    const watermark = this.#watermarks.of(partition);
    if (watermark >= pane.latestEnd + this.#graceMs) {
      const event = { key, timeMs, row, partition };
      this.#slicer.windowsOf(pane.start, (start, end) =>
        this.#emitter.late(event, { start, end }, watermark),
      );
      return true;
    }
    const keyId = this.#keys.intern(key, hint);
    let place = pane.keys.find(keyId);
    if (place < 0) {
      place = pane.keys.append(keyId);
      pane.cells.reserve(place);
    }
    pane.cells.add(place, this.#aggregates.inputs, timeMs);
    if (this.#eventsMoveWatermark) this.#watermarks.observe(partition, timeMs);
    return true;
  }

  /** Raises a partition's watermark. */
  advanceWatermark(watermarkMs: number, partition = 0): void {
    this.#watermarks.advance(partition, watermarkMs);
  }

  /** Writes everything since the last call for `mergePartials`, one or more chunks per route; the bytes are valid during the call only. */
  drainPartials(route: (key: Key) => number, write: (route: number, bytes: Uint8Array) => void): void {
    const writers = new Map<number, ByteWriter>();
    for (const pane of this.#panes.values()) {
      const places = new Map<number, number[]>();
      const { ids, size } = pane.keys;
      for (let place = 0; place < size; place++) {
        const to = route(this.#keys.keyOf(ids[place]!));
        const list = places.get(to);
        if (list === undefined) places.set(to, [place]);
        else list.push(place);
      }
      for (const [to, list] of places) {
        for (let from = 0; from < list.length; from += PARTIALS_PER_GROUP) {
          const out = this.#writerFor(to, { writers, write });
          const group = list.slice(from, from + PARTIALS_PER_GROUP);
          out.number(pane.start);
          out.varint(group.length);
          for (const place of group) {
            writeKey(out, this.#keys.keyOf(ids[place]!));
            pane.cells.write(place, out);
          }
        }
      }
    }
    for (const [to, out] of writers) write(to, out.view());
    this.#panes.clear();
    this.#last = undefined;
    this.#keys.clear();
  }

  /** The writer of a route, emptied through `write` when it is full. */
  #writerFor(
    to: number,
    options: {
      writers: Map<number, ByteWriter>;
      write: (route: number, bytes: Uint8Array) => void;
    },
  ): ByteWriter {
    let out = options.writers.get(to);
    if (out === undefined) {
      options.writers.set(to, (out = new ByteWriter(4096)));
    } else if (out.length >= MAX_CHUNK_BYTES) {
      options.write(to, out.view());
      out.reset();
    }
    if (out.length === 0) writeHeader(out, Form.partials, this.#definition);
    return out;
  }

  #paneOf(timeMs: number): Pane {
    this.#slicer.locate(timeMs);
    const { start, end } = this.#slicer;
    let pane = this.#panes.get(start);
    if (pane === undefined) {
      const made = (pane = new Pane({ start, end }, this.#aggregates));
      this.#slicer.windowsOf(start, (_, windowEnd) => {
        made.latestEnd = Math.max(made.latestEnd, windowEnd);
      });
      this.#panes.set(start, pane);
    }
    return pane;
  }
}

/** Cells under one heading of a chunk; keeps chunks near their size limit. */
const PARTIALS_PER_GROUP = 256;
