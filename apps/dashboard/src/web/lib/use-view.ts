import { createContext, useCallback, useContext, useSyncExternalStore } from 'react';
import type { ResultRow } from '@millrace/views';
import { ViewStore } from './view-store.ts';

export const StoresContext = createContext<ReadonlyMap<string, ViewStore>>(new Map());

const empty = new ViewStore([]);

/** The rows of a view, anew when they change. */
export function useRows(view: string): readonly ResultRow[] {
  const store = useContext(StoresContext).get(view) ?? empty;
  return useSyncExternalStore(store.subscribe, () => store.rows);
}

/** The watermark of a view; null before the first result. */
export function useWatermark(view: string): number | null {
  const store = useContext(StoresContext).get(view) ?? empty;
  return useSyncExternalStore(store.subscribe, () => store.watermark);
}

/** Whether any view has a row whose window ends after `timeMs`. */
export function useHasRowsSince(timeMs: number): boolean {
  const stores = useContext(StoresContext);
  const subscribe = useCallback(
    (listener: () => void) => {
      const leaving = [...stores.values()].map((store) => store.subscribe(listener));
      return () => leaving.forEach((leave) => leave());
    },
    [stores],
  );
  return useSyncExternalStore(subscribe, () =>
    [...stores.values()].some(({ rows }) => rows.some(({ windowEnd }) => windowEnd > timeMs)),
  );
}
