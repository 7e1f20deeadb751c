import { join } from 'node:path';
import type { RuntimeSettings } from '../runtime/runtime-settings.ts';
import { DiskState } from './disk-state.ts';

export interface StateMemoryOptions {
  /** The folder of all pipelines of this machine. */
  readonly dir: string;
  readonly group: string;
  /** Its own name among all that may write there. */
  readonly writer: string;
  readonly maxBytes: number;
}

/** Filters may take this part of the memory, of each pane: they cannot go to disk. */
const filterPart = 1 / 4;
/** Where not all of what is left fits, nothing is gained by putting each new cell on disk at once: only by so much more. */
const growth = 1.25;
/** The cache of a task's file; so small a part that a worker with a dozen tasks has room for windows besides. */
const cachePart = 1 / 64;
const mostCacheBytes = 256 * 1024;

/** Keeps the windows of a worker within its memory: what is too much, and is committed or about to be, goes to disk. */
export class StateMemory {
  readonly #options: StateMemoryOptions;
  readonly #tasks = new Set<DiskState>();
  /** Of tasks that are gone. */
  #spilled = 0;
  #loaded = 0;
  #files = 0;
  /** What was left when all that could go had gone, or enough of it. */
  #leastBytes = 0;

  constructor(options: StateMemoryOptions) {
    this.#options = options;
  }

  /** A place on disk for the windows of one task. */
  open(task: string): DiskState {
    const { dir, group, writer, maxBytes } = this.#options;
    const name = `${encodeURIComponent(`${task} ${writer}`)}.${this.#files++}.sqlite.tmp`;
    const state = new DiskState({
      path: join(dir, encodeURIComponent(group), name),
      mostFilterBytes: maxBytes * filterPart,
      cacheBytes: Math.min(maxBytes * cachePart, mostCacheBytes),
      relieve: () => this.relieve(),
    });
    this.#tasks.add(state);
    return state;
  }

  close(state: DiskState): void {
    if (!this.#tasks.delete(state)) return;
    for (const { spilled, loaded } of state.states) {
      this.#spilled += spilled;
      this.#loaded += loaded;
    }
    state.close();
  }

  closeAll(): void {
    for (const state of this.#tasks) this.close(state);
  }

  get bytes(): number {
    let bytes = 0;
    for (const { memoryBytes } of this.#tasks) bytes += memoryBytes;
    return bytes;
  }

  get isFull(): boolean {
    return this.bytes > Math.max(this.#options.maxBytes, this.#leastBytes * growth);
  }

  /** Cells that were put on disk, and that were read again to go on with them. */
  get counters(): { readonly spilled: number; readonly loaded: number } {
    let [spilled, loaded] = [this.#spilled, this.#loaded];
    for (const { states } of this.#tasks)
      for (const state of states) {
        spilled += state.spilled;
        loaded += state.loaded;
      }
    return { spilled, loaded };
  }

  /**
   * Makes room if there is too much: of windows that did not change lately first, of all if that is not enough; of the tasks with
   * the most first, until half is free. To be called when all changes are flushed.
   */
  relieve(): void {
    if (!this.isFull) return;
    const enough = this.#options.maxBytes / 2;
    let { bytes } = this;
    for (const which of ['idle', 'all'] as const) {
      const sized = [...this.#tasks].flatMap(({ states }) =>
        states.map((state) => ({ state, memoryBytes: state.memoryBytes })),
      );
      for (const { state, memoryBytes } of sized.sort((a, b) => b.memoryBytes - a.memoryBytes)) {
        if (bytes <= enough) break;
        state.spill(which);
        bytes += state.memoryBytes - memoryBytes;
      }
    }
    this.#leastBytes = this.bytes;
  }
}

/** The memory that a worker's settings give to its windows; undefined: as much as they need. */
export function stateMemoryOf(settings: RuntimeSettings): StateMemory | undefined {
  const { maxStateBytes, stateDir, groupId, transactionalId } = settings;
  if (maxStateBytes === undefined || stateDir === undefined) return undefined;
  return new StateMemory({ dir: stateDir, group: groupId, writer: transactionalId, maxBytes: maxStateBytes });
}
