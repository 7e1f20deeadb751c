/** What a value is. `timestamp` is epoch milliseconds (UTC), `json` any JSON value, such as the list a top-N aggregate gives. */
export type ColumnType = 'string' | 'long' | 'double' | 'boolean' | 'timestamp' | 'json';

/** Units that {@link formatValue} scales and names. */
export type KnownUnit =
  'count' | 'ratio' | 'percent' | 'ms' | 's' | 'bytes' | 'perSecond' | 'wh' | 'kwh' | 'w' | 'kw' | 'celsius';

/** A known unit, or any other as a schema's `unit` property names it, shown as it is behind the number. */
export type Unit = KnownUnit | (string & {});

/** One column of a view's rows: of its results topic, its tables and its screen alike. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly unit?: Unit;
  readonly nullable: boolean;
  /** Part of what a row is identified by, beside its `windowStart`. */
  readonly key?: boolean;
}

/** How a number stands out of a text: right-aligned, with tabular numerals. */
export function isNumeric(column: Column): boolean {
  return column.type === 'long' || column.type === 'double';
}
