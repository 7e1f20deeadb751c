import type { Health, LiveHeartbeat, SetAside } from '@millrace/views';
import type { LiveHub } from './live-hub.ts';

/** How often changes go out: as often as a person can read a number that changes. */
const FLUSH_EVERY_MS = 250;
const HEARTBEAT_EVERY_MS = 5_000;

export interface PulseOptions {
  readonly hub: LiveHub;
  readonly health: () => Health;
  readonly setAside: () => Readonly<Record<string, SetAside>>;
  readonly now?: () => number;
}

/** Flushes the hub and sends heartbeats: every five seconds, and with the next flush when what they say changed. */
export function startPulse({ hub, health, setAside, now = Date.now }: PulseOptions): { stop(): void } {
  let saidAtMs = -Infinity;
  let said = '';
  const timer = setInterval(() => {
    hub.flush();
    const state = { health: health().status, setAside: setAside() };
    const text = JSON.stringify(state);
    const nowMs = now();
    if (text === said && nowMs - saidAtMs < HEARTBEAT_EVERY_MS) return;
    said = text;
    saidAtMs = nowMs;
    hub.heartbeat({ now: nowMs, ...state } satisfies LiveHeartbeat);
  }, FLUSH_EVERY_MS);
  return { stop: () => clearInterval(timer) };
}
