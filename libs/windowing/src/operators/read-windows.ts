import type { Key, KeyTable } from '../state/key-table.ts';
import type { Cells } from './cells.ts';
import type { ColdPanes } from './cold-panes.ts';
import type { Frame } from './emitter.ts';
import type { ReadFilter } from './operator-options.ts';
import type { OpenWindow } from './pane.ts';
import { isCold } from './pane.ts';

interface ReadWindowsOptions {
  readonly windows: Iterable<OpenWindow>;
  readonly keys: KeyTable;
  readonly cold: ColdPanes | undefined;
  /** Slot 0 has a key's cells, merged, when it is shown. */
  readonly merged: Cells;
  readonly watermark: number;
  readonly merge: (window: OpenWindow, keyId: number) => void;
  readonly show: (key: Key, frame: Frame) => void;
}

/** Shows the keys of windows as they are now. */
export function readWindows(options: ReadWindowsOptions, filter: ReadFilter): void {
  const { windows, keys, cold, merged, watermark, merge, show } = options;
  const { key: only, fromMs = -Infinity, toMs = Infinity } = filter;
  const onlyId = only === undefined ? undefined : keys.find(only);
  for (const window of windows) {
    const { start, end, revisions, panes } = window;
    if (end <= fromMs || start >= toMs) continue;
    const shown = (key: Key, keyId: number): void => {
      const revision = revisions?.get(keyId) ?? 0;
      const state = end > watermark ? 'filling' : revision > 0 ? 'revised' : 'final';
      show(key, { start, end, state, revision });
    };
    if (isCold(window)) {
      if (only === undefined) {
        for (const { key } of cold!.keysOf(panes, merged)) shown(key, keys.find(key));
      } else {
        merged.clear(0);
        const has = panes.map((pane) => cold!.addTo(merged, pane, only));
        if (has.includes(true)) shown(only, keys.find(only));
      }
      continue;
    }
    const seen = new Set<number>();
    for (const pane of panes) {
      for (const keyId of onlyId === undefined ? pane.keys.ids.subarray(0, pane.keys.size) : [onlyId]) {
        if (seen.has(keyId) || pane.keys.find(keyId) < 0) continue;
        seen.add(keyId);
        merge(window, keyId);
        shown(keys.keyOf(keyId), keyId);
      }
    }
  }
}
