import type { CellValue } from './result-row.ts';
import type { KnownUnit, Unit } from './column.ts';

/** What stands for a value that is not there. */
export const NO_VALUE = '–';

interface Scale {
  readonly from: number;
  readonly divisor: number;
  readonly suffix: string;
}

const plain: readonly Scale[] = [
  { from: 1e9, divisor: 1e9, suffix: ' G' },
  { from: 1e6, divisor: 1e6, suffix: ' M' },
  { from: 1e4, divisor: 1e3, suffix: ' k' },
  { from: 0, divisor: 1, suffix: '' },
];

const scales: Readonly<Record<KnownUnit, readonly Scale[]>> = {
  count: plain,
  ratio: [{ from: 0, divisor: 0.01, suffix: '%' }],
  percent: [{ from: 0, divisor: 1, suffix: '%' }],
  ms: [
    { from: 86_400_000, divisor: 86_400_000, suffix: ' d' },
    { from: 3_600_000, divisor: 3_600_000, suffix: ' h' },
    { from: 60_000, divisor: 60_000, suffix: ' min' },
    { from: 1_000, divisor: 1_000, suffix: ' s' },
    { from: 0, divisor: 1, suffix: ' ms' },
  ],
  s: [
    { from: 86_400, divisor: 86_400, suffix: ' d' },
    { from: 3_600, divisor: 3_600, suffix: ' h' },
    { from: 60, divisor: 60, suffix: ' min' },
    { from: 0, divisor: 1, suffix: ' s' },
  ],
  bytes: [
    { from: 1e12, divisor: 1e12, suffix: ' TB' },
    { from: 1e9, divisor: 1e9, suffix: ' GB' },
    { from: 1e6, divisor: 1e6, suffix: ' MB' },
    { from: 1e3, divisor: 1e3, suffix: ' kB' },
    { from: 0, divisor: 1, suffix: ' B' },
  ],
  perSecond: plain.map((scale) => ({ ...scale, suffix: `${scale.suffix}/s` })),
  wh: [
    { from: 1e6, divisor: 1e6, suffix: ' MWh' },
    { from: 1e3, divisor: 1e3, suffix: ' kWh' },
    { from: 0, divisor: 1, suffix: ' Wh' },
  ],
  kwh: [
    { from: 1e3, divisor: 1e3, suffix: ' MWh' },
    { from: 0, divisor: 1, suffix: ' kWh' },
  ],
  w: [
    { from: 1e6, divisor: 1e6, suffix: ' MW' },
    { from: 1e3, divisor: 1e3, suffix: ' kW' },
    { from: 0, divisor: 1, suffix: ' W' },
  ],
  kw: [
    { from: 1e3, divisor: 1e3, suffix: ' MW' },
    { from: 0, divisor: 1, suffix: ' kW' },
  ],
  celsius: [{ from: 0, divisor: 1, suffix: ' °C' }],
};

const isKnown = (unit: Unit): unit is KnownUnit => Object.hasOwn(scales, unit);

const numberFormats = [0, 1, 2].map(
  (digits) => new Intl.NumberFormat('en-US', { maximumFractionDigits: digits }),
);

/** Digits by size: 1,234 · 123 · 12.3 · 1.23, so that every number has about three that count. */
function digits(value: number): string {
  const size = Math.abs(value);
  const format = numberFormats[size >= 100 ? 0 : size >= 10 ? 1 : 2];
  return (format as Intl.NumberFormat).format(value);
}

/**
 * A number in its unit, about three significant digits, scaled (`1.2 s`, `34.5 kB`, `1.9%`); `–` for null, NaN and infinity.
 * An unknown unit stands unscaled behind the number.
 */
export function formatNumber(value: number | null | undefined, unit: Unit = 'count'): string {
  if (value == null || !Number.isFinite(value)) return NO_VALUE;
  if (!isKnown(unit)) return `${digits(value)} ${unit}`;
  const size = Math.abs(value);
  const scale = scales[unit].find(({ from }) => size >= from) as Scale;
  return digits(value / scale.divisor) + scale.suffix;
}

/** Every digit of a whole number, with thousands marked: what a table shows where an axis shows `12.3 k`. */
export function formatExact(value: number | null | undefined): string {
  if (value == null || !Number.isFinite(value)) return NO_VALUE;
  return new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 }).format(value);
}

/** A length of time in its largest fitting unit, rounded down to whole ones under a minute: `3 s`, `450 ms`, `2 min`, `1.5 h`. */
export function formatDuration(durationMs: number): string {
  if (!Number.isFinite(durationMs)) return NO_VALUE;
  const size = Math.abs(durationMs);
  if (size >= 1_000 && size < 60_000) return `${Math.trunc(durationMs / 1_000)} s`;
  return formatNumber(Math.round(durationMs), 'ms');
}

/** Any cell as text: numbers in their unit, lists of `{ value, count }` as `value (count)`, other JSON as JSON. */
export function formatCell(value: CellValue | undefined, unit?: Unit): string {
  if (value === null || value === undefined) return NO_VALUE;
  if (typeof value === 'number') return unit === undefined ? formatExact(value) : formatNumber(value, unit);
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return JSON.stringify(value);
}
