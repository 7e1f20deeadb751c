import { createContext, useContext, useSyncExternalStore } from 'react';
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
