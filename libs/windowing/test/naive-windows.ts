/** What windows mean, written for clarity: every event is compared with every window. Slow on purpose. */
export interface NaiveEvent {
  readonly key: string;
  readonly t: number;
  readonly value: number;
  readonly partition?: number;
}

export interface NaiveRow {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly values: readonly number[];
}

type Bounds = readonly [start: number, end: number];

/** All windows that hold a time. */
export type Assign = (t: number) => readonly Bounds[];

export function assignHopping(sizeMs: number, advanceMs: number, offsetMs = 0): Assign {
  return (t) => {
    const windows: Bounds[] = [];
    for (let n = Math.floor((t - sizeMs - offsetMs) / advanceMs); ; n++) {
      const start = n * advanceMs + offsetMs;
      if (start > t) return windows;
      if (t < start + sizeMs) windows.push([start, start + sizeMs]);
    }
  };
}

export function assignCumulative(maxSizeMs: number, stepMs: number, offsetMs = 0): Assign {
  return (t) => {
    const start = Math.floor((t - offsetMs) / maxSizeMs) * maxSizeMs + offsetMs;
    const windows: Bounds[] = [];
    for (let end = start + stepMs; end <= start + maxSizeMs; end += stepMs) {
      if (t < end) windows.push([start, end]);
    }
    return windows;
  };
}

/** The values of each key and window, when every event counts. */
export function naiveWindows(events: readonly NaiveEvent[], assign: Assign): NaiveRow[] {
  const rows = new Map<string, { key: string; start: number; end: number; values: number[] }>();
  for (const { key, t, value } of events) {
    for (const [start, end] of assign(t)) {
      const id = `${key} ${start} ${end}`;
      const row = rows.get(id) ?? { key, start, end, values: [] };
      row.values.push(value);
      rows.set(id, row);
    }
  }
  return [...rows.values()];
}

/** The sessions of each key, when every event counts: neighbours at most `gapMs` apart belong together. */
export function naiveSessions(events: readonly NaiveEvent[], gapMs: number): NaiveRow[] {
  const rows: NaiveRow[] = [];
  for (const key of new Set(events.map((event) => event.key))) {
    const sorted = events.filter((event) => event.key === key).sort((a, b) => a.t - b.t);
    let run: NaiveEvent[] = [];
    const close = (): void => {
      if (run.length === 0) return;
      rows.push({ key, start: run[0]!.t, end: run.at(-1)!.t + gapMs, values: run.map(({ value }) => value) });
      run = [];
    };
    for (const event of sorted) {
      if (run.length > 0 && event.t - run.at(-1)!.t > gapMs) close();
      run.push(event);
    }
    close();
  }
  return rows;
}

/** For each event time of each key the events in `[t − sizeMs, t]`, when every event counts. */
export function naiveSliding(events: readonly NaiveEvent[], sizeMs: number): NaiveRow[] {
  const rows: NaiveRow[] = [];
  for (const key of new Set(events.map((event) => event.key))) {
    const own = events.filter((event) => event.key === key);
    for (const r of new Set(own.map((event) => event.t))) {
      const inside = own.filter(({ t }) => t >= r - sizeMs && t <= r);
      rows.push({ key, start: r - sizeMs, end: r + 1, values: inside.map(({ value }) => value) });
    }
  }
  return rows;
}

/** Rows in one order, their values too, for comparing. */
export function sortedRows(rows: readonly NaiveRow[]): NaiveRow[] {
  return rows
    .map((row) => ({ ...row, values: [...row.values].sort((a, b) => a - b) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.start - b.start || a.end - b.end));
}
