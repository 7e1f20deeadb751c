import type { AvroComplex, AvroField, AvroType } from '../definition/avro-types.ts';
import { StreamsError } from '../errors.ts';

/** Why a value does not fit a type; undefined when it does. */
export type Fits = (value: unknown) => string | undefined;

const minInt = -(2 ** 31);
const maxInt = 2 ** 31 - 1;
/** Longer text of a value says no more about what is wrong with it. */
const maxShown = 60;

const fitting =
  (what: string, isFit: (value: unknown) => boolean): Fits =>
  (value) =>
    isFit(value) ? undefined : `is ${shown(value)}, not ${what}`;

const primitives: Readonly<Record<string, Fits>> = {
  null: fitting('null', (value) => value == null),
  boolean: fitting('a boolean', (value) => typeof value === 'boolean'),
  int: fitting(
    'an int',
    (value) => Number.isInteger(value) && (value as number) >= minInt && (value as number) <= maxInt,
  ),
  long: fitting('a long: a whole number of at most 2^53 − 1', Number.isSafeInteger),
  float: fitting('a finite number', Number.isFinite),
  double: fitting('a finite number', Number.isFinite),
  string: fitting('a string', (value) => typeof value === 'string'),
};

/**
 * Compiles a look at values of an Avro type as own code returns them: numbers, strings, booleans, null, arrays and plain objects.
 * @throws STREAMS_DEFINITION for types that own code cannot return
 */
export function fitsAvro(type: AvroType): Fits {
  if (typeof type === 'string') {
    const fits = primitives[type];
    if (fits !== undefined) return fits;
    throw refused(`"${type}" is no type that own code can return`);
  }
  if (Array.isArray(type)) return fitsUnion(type as readonly AvroType[]);
  return fitsComplex(type as AvroComplex);
}

function fitsUnion(branches: readonly AvroType[]): Fits {
  const all = branches.map(fitsAvro);
  return (value) => {
    let problem: string | undefined = 'fits no type: there are none';
    for (const fits of all) if ((problem = fits(value)) === undefined) return undefined;
    return all.length === 2 ? problem : `is ${shown(value)}, which fits none of its types`;
  };
}

function fitsComplex({ type, logicalType, symbols, items, values, fields }: AvroComplex): Fits {
  if (logicalType !== undefined && !logicalType.endsWith('timestamp-millis'))
    throw refused(`"${logicalType}" is no type that own code can return: times are timestamp-millis`);
  switch (type) {
    case 'enum': {
      const known = new Set<unknown>(symbols);
      return fitting(`one of ${[...known].join(', ')}`, (value) => known.has(value));
    }
    case 'array': {
      const fits = fitsAvro(items ?? '');
      return (value) => (Array.isArray(value) ? problemIn(value, fits) : `is ${shown(value)}, not an array`);
    }
    case 'map': {
      const fits = fitsAvro(values ?? '');
      return (value) => (isObject(value) ? problemIn(value, fits) : `is ${shown(value)}, not an object`);
    }
    case 'record':
      return fitsRecord(fields ?? []);
    default:
      return fitsAvro(type);
  }
}

/** Looks at an object with exactly these fields; those that may be null may be left out. */
export function fitsRecord(fields: readonly AvroField[]): Fits {
  const known = fields.map(({ name, type }) => ({ name, fits: fitsAvro(type) }));
  const names = new Set(known.map(({ name }) => name));
  return (value) => {
    if (!isObject(value)) return `is ${shown(value)}, not an object`;
    for (const { name, fits } of known) {
      const problem = fits(value[name]);
      if (problem !== undefined) return `has a field "${name}" that ${problem}`;
    }
    for (const name in value)
      if (!names.has(name)) return `has a field "${name}", which is none of ${[...names].join(', ')}`;
    return undefined;
  };
}

function problemIn(values: object, fits: Fits): string | undefined {
  for (const [at, value] of Object.entries(values)) {
    const problem = fits(value);
    if (problem !== undefined) return `has an entry ${at} that ${problem}`;
  }
  return undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, maxShown));
  if (typeof value !== 'object' || value === null)
    return typeof value === 'function' ? 'a function' : String(value);
  if (Array.isArray(value)) return 'an array';
  // A class of another realm or a null prototype has no name to tell.
  const { constructor } = value as { constructor?: { name?: unknown } };
  return typeof constructor?.name === 'string' && constructor.name !== 'Object'
    ? `a ${constructor.name}`
    : 'an object';
}

const refused = (problem: string) => new StreamsError('STREAMS_DEFINITION', problem);
