import { createContext, useContext, useSyncExternalStore } from 'react';
import { RANGES } from './time-range.ts';
import type { Zone } from './zone.ts';

/** What the address of a page says beside the page: `?range=15+min&zone=utc`, so that a link shows the same. */
export interface Settings {
  /** Null: what suits the page. */
  readonly rangeMs: number | null;
  readonly zone: Zone;
}

export function readSettings(search: string): Settings {
  const query = new URLSearchParams(search);
  const named = RANGES.find(({ label }) => label === query.get('range'));
  return {
    rangeMs: named?.rangeMs ?? null,
    zone: query.get('zone') === 'utc' ? 'utc' : 'local',
  };
}

export function writeSettings({ rangeMs, zone }: Settings): string {
  const query = new URLSearchParams();
  const named = RANGES.find((range) => range.rangeMs === rangeMs);
  if (named !== undefined) query.set('range', named.label);
  if (zone === 'utc') query.set('zone', 'utc');
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

export const SettingsContext = createContext<Settings>({ rangeMs: null, zone: 'local' });
export const useSettings = (): Settings => useContext(SettingsContext);

const listeners = new Set<() => void>();
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  window.addEventListener('popstate', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('popstate', listener);
  };
};

/** The address's path and query, anew when it changes. */
export function useAddress(): { readonly path: string; readonly search: string } {
  const path = useSyncExternalStore(subscribe, () => window.location.pathname);
  const search = useSyncExternalStore(subscribe, () => window.location.search);
  return { path, search };
}

/** Goes to another address of the app without loading the page anew. */
export function goTo(address: string, { replace = false } = {}): void {
  window.history[replace ? 'replaceState' : 'pushState'](null, '', address);
  for (const listener of listeners) listener();
}
