import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import type { LiveHeartbeat, PipelineDescription, ViewDescription } from '@millrace/views';
import { api } from './api.ts';
import { openLiveStream, type Connection } from './live-stream.ts';
import { renderBeat } from './render-beat.ts';
import { findingsShownMs, shownMs } from './time-range.ts';
import { ViewStore } from './view-store.ts';

/** Kept beyond the range, so that what is at its edge does not flicker. */
const SPARE_MS = 60_000;
const PRUNE_EVERY_MS = 30_000;

export interface LiveViews {
  readonly stores: ReadonlyMap<string, ViewStore>;
  readonly connection: Connection;
  readonly heartbeat: LiveHeartbeat | null;
  /** History has not been read yet. */
  readonly isLoading: boolean;
  readonly error: Error | null;
  /** A view had more rows in the range than a page takes. */
  readonly truncated: boolean;
}

/** The time from which on rows of a view are shown now, with something to spare. */
function keptFromMs({ windowMs = 0, timeOf, panels }: ViewDescription, rangeMs: number): number {
  if (timeOf === 'nothing') return 0;
  const findings = panels.filter((panel) => panel.type === 'findings');
  const overMs = findings.map((panel) => findingsShownMs(panel, rangeMs));
  return Date.now() - Math.max(shownMs(rangeMs, windowMs) + windowMs, ...overMs) - SPARE_MS;
}

/** History and live rows of all views of a pipeline, in one store per view. */
export function useLiveViews(pipeline: PipelineDescription, rangeMs: number): LiveViews {
  const queryClient = useQueryClient();
  const [connection, setConnection] = useState<Connection>('connecting');
  const [heartbeat, setHeartbeat] = useState<LiveHeartbeat | null>(null);
  const { views } = pipeline;
  const stores = useMemo(() => {
    const beat = renderBeat();
    return new Map(
      views.map(({ name, columns }) => {
        const keyColumns = columns.filter(({ key }) => key === true).map((column) => column.name);
        return [name, new ViewStore(keyColumns, beat)];
      }),
    );
  }, [views]);

  const history = useQueries({
    queries: views.map((view) => ({
      queryKey: ['rows', view.name, rangeMs],
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const { name } = view;
        const { rows, watermark, truncated } = await api.rows(name, keptFromMs(view, rangeMs), signal);
        stores.get(name)?.merge(rows);
        stores.get(name)?.advance(watermark);
        return { truncated, newest: rows.at(-1)?.windowStart ?? null };
      },
      staleTime: Infinity,
      gcTime: 0,
      retry: true,
      retryDelay: 3_000,
    })),
  });

  useEffect(
    () =>
      openLiveStream({
        stores,
        onConnection: setConnection,
        onHeartbeat: setHeartbeat,
        onReset: (view) => void queryClient.invalidateQueries({ queryKey: ['rows', view] }),
      }),
    [stores, queryClient],
  );

  useEffect(() => {
    const timer = setInterval(() => {
      for (const view of views) stores.get(view.name)?.prune(keptFromMs(view, rangeMs));
    }, PRUNE_EVERY_MS);
    return () => clearInterval(timer);
  }, [stores, views, rangeMs]);

  return {
    stores,
    connection,
    heartbeat,
    isLoading: history.some(({ isPending }) => isPending),
    error: history.find(({ failureReason }) => failureReason !== null)?.failureReason ?? null,
    truncated: history.some(({ data }) => data?.truncated === true),
  };
}
