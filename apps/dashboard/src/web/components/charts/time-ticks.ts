import { clockMinute, clockTime, dayOf, zoneOffsetMs, type Zone } from '../../lib/zone.ts';
import type { TimeRange } from '../../lib/time-range.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ...[5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 3, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 4, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 30].map((days) => days * DAY),
];

/** Round times within the range, at most `count` of them, round in the zone that is shown. */
export function timeTicks({ fromMs, toMs }: TimeRange, count: number, zone: Zone): number[] {
  const step = STEPS.find((ms) => (toMs - fromMs) / ms <= count) ?? (STEPS.at(-1) as number);
  const offsetMs = zoneOffsetMs(fromMs, zone);
  const first = Math.ceil((fromMs + offsetMs) / step) * step - offsetMs;
  const ticks: number[] = [];
  for (let tick = first; tick < toMs; tick += step) ticks.push(tick);
  return ticks;
}

/** Ticks as text, as fine as their distance needs: seconds, minutes or days. */
export function tickTexts(ticks: readonly number[], zone: Zone): string[] {
  const [first = 0, second = first + HOUR] = ticks;
  const stepMs = second - first;
  return ticks.map((tick) => {
    const isMidnight = (tick + zoneOffsetMs(tick, zone)) % DAY === 0;
    if (isMidnight || stepMs >= DAY) return dayOf(tick, zone);
    return stepMs < MINUTE ? clockTime(tick, zone) : clockMinute(tick, zone);
  });
}
