import { isNumeric, type Column, type Unit } from '@millrace/views';

/** A field's name as a title: `load_ms` → `Load`, `requests` → `Requests`. The unit is said beside it. */
export function fieldTitle(field: string): string {
  const words = field.replace(/_(ms|bytes|s|ratio|percent)$/, '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const NAMED: Readonly<Record<string, string>> = {
  ratio: '%',
  percent: '%',
  celsius: '°C',
  kwh: 'kWh',
  wh: 'Wh',
  kw: 'kW',
  w: 'W',
};

/** Units that the axis says with each number, scaled: 1.2 s, 34 kB. */
const SAID_BY_AXIS = new Set<Unit>(['count', 'ms', 's', 'bytes', 'perSecond']);

/** The unit as a title says it: ` (kWh)`; nothing for counts, whose name says what is counted, and scaled units. */
export function unitWords(unit: Unit | undefined, column: Column | undefined): string {
  if (unit === undefined || SAID_BY_AXIS.has(unit)) return '';
  if (column !== undefined && !isNumeric(column)) return '';
  return ` (${NAMED[unit] ?? unit})`;
}
