/** Events in memory, as columns, so that reading them costs the same in every run. */
export interface Events {
  readonly keys: readonly string[];
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

/** A repeatable sequence of numbers in [0, 1). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** `events` events at 10,000 a second of event time over `keys` keys, up to 2 s out of order. */
export function steadyEvents(events: number, keys: number): Events {
  const next = random(42);
  const names = Array.from({ length: keys }, (_, i) => `user-${i}`);
  const timesMs = new Float64Array(events);
  const values = new Float64Array(events);
  const picked = new Array<string>(events);
  for (let i = 0; i < events; i++) {
    picked[i] = names[Math.floor(next() * keys)]!;
    timesMs[i] = Math.floor(i / 10) - Math.floor(next() * 2000);
    values[i] = Math.round(next() * 100_000) / 100;
  }
  return { keys: picked, timesMs, values };
}

/** `events` events in bursts of 20 by one of `keys` users, a burst lasting 2 s: 1,000 users are active at a time. */
export function burstyEvents(events: number, keys: number): Events {
  const next = random(43);
  const timesMs = new Float64Array(events);
  const values = new Float64Array(events);
  const picked = new Array<string>(events);
  const active = Array.from({ length: 1000 }, () => ({ name: '', left: 0 }));
  for (let i = 0; i < events; i++) {
    const user = active[i % active.length]!;
    if (user.left === 0) {
      user.name = `user-${Math.floor(next() * keys)}`;
      user.left = 20;
    }
    user.left--;
    picked[i] = user.name;
    timesMs[i] = Math.floor(i / 10) - Math.floor(next() * 50);
    values[i] = Math.round(next() * 100_000) / 100;
  }
  return { keys: picked, timesMs, values };
}
