import { isNumeric, type Column, type Unit } from '@millrace/views';

/** A field's name as a title: `load_ms` → `Load`, `requests` → `Requests`. The unit is said beside it. */
export function fieldTitle(field: string): string {
  const words = field.replace(/_(ms|bytes|s|ratio|percent)$/, '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const NAMED: Readonly<Record<string, string>> = {
  ms: 'time',
  s: 'time',
  ratio: '%',
  percent: '%',
  celsius: '°C',
  perSecond: 'per second',
  kwh: 'kWh',
  wh: 'Wh',
  kw: 'kW',
  w: 'W',
};

/** The unit as a title says it: ` (kWh)`; nothing for counts, whose name says what is counted. */
export function unitWords(unit: Unit | undefined, column: Column | undefined): string {
  if (unit === undefined || unit === 'count' || (column !== undefined && !isNumeric(column))) return '';
  return ` (${NAMED[unit] ?? unit})`;
}
