/** What the broker takes for the time: session timeouts, transaction timeouts, retention and compaction go by it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` once, `delayMs` from now. */
  after(delayMs: number, task: () => void): Alarm;
}

export interface Alarm {
  cancel(): void;
}

/** A clock that stands still until it is told to move. */
export interface ManualClock extends Clock {
  /** Moves on by `ms`; what is due on the way runs in its order, at its time. */
  advance(ms: number): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** A clock for tests. It begins at `startMs`, by default the present. */
export function manualClock(startMs: number = Date.now()): ManualClock {
  let nowMs = startMs;
  const waiting = new Set<{ atMs: number; task: () => void }>();
  return {
    now: () => nowMs,
    after(delayMs, task) {
      const entry = { atMs: nowMs + Math.max(0, delayMs), task };
      waiting.add(entry);
      return { cancel: () => void waiting.delete(entry) };
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        let next: { atMs: number; task: () => void } | undefined;
        for (const entry of waiting) {
          if (entry.atMs <= untilMs && (next === undefined || entry.atMs < next.atMs)) next = entry;
        }
        if (next === undefined) break;
        waiting.delete(next);
        nowMs = Math.max(nowMs, next.atMs);
        next.task();
      }
      nowMs = untilMs;
    },
  };
}
