import { setTimeout as sleep } from 'node:timers/promises';
import type { Registry } from '@millrace/schemas';

const LOOK_EVERY_MS = { good: 15_000, bad: 2_000 };

/** Looks from time to time whether the schema registry answers. */
export function watchRegistry(registry: Pick<Registry, 'ready'>, url: string) {
  const stopping = new AbortController();
  let status = { ok: false, detail: `the registry at ${url} has not answered yet` };
  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await registry.ready();
        status = { ok: true, detail: url };
      } catch (error) {
        status = { ok: false, detail: error instanceof Error ? error.message : String(error) };
      }
      const pauseMs = status.ok ? LOOK_EVERY_MS.good : LOOK_EVERY_MS.bad;
      await sleep(pauseMs, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
    }
  }
  void watch();
  return { status: () => status, stop: () => stopping.abort() };
}
