import { createContext, useContext, useSyncExternalStore } from 'react';

/** The one point in time that all charts of a page mark. */
export class Cursor {
  #timeMs: number | null = null;
  readonly #listeners = new Set<() => void>();

  get timeMs(): number | null {
    return this.#timeMs;
  }

  set(timeMs: number | null): void {
    if (timeMs === this.#timeMs) return;
    this.#timeMs = timeMs;
    for (const listener of this.#listeners) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

export const CursorContext = createContext(new Cursor());

/** The page's cursor, and its time, which renders anew when it moves. */
export function useCursor(): readonly [cursor: Cursor, timeMs: number | null] {
  const cursor = useContext(CursorContext);
  return [cursor, useSyncExternalStore(cursor.subscribe, () => cursor.timeMs)];
}
