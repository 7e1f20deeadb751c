const dayMs = 24 * 3_600_000;

/** What views have in common: results live for a week. */
export const stored = { retentionMs: 7 * dayMs, sinks: ['serving'] } as const;
/** What windows have in common: events up to a minute late still count. */
export const kept = { graceMs: 60_000, emit: 'onUpdate', ...stored } as const;
