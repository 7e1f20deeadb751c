import type {
  GlobalJoinDefinition,
  PipelineDefinition,
  ProcessDefinition,
  RowsView,
  SourceDefinition,
  StreamJoinDefinition,
  TableJoinDefinition,
  WindowedView,
} from './pipeline-definition.ts';

type Kind =
  'schema' | 'text' | 'number' | 'names' | 'object' | 'entries' | 'expression' | 'expressions' | 'list';
type Shape<T> = Readonly<Record<keyof Required<T>, Kind>>;
type AllOf<T> = T extends unknown ? keyof T : never;

const pipeline: Shape<PipelineDefinition> = {
  ...{ name: 'text', description: 'text' },
  ...{ sources: 'entries', joins: 'entries', processes: 'entries', views: 'entries' },
};
const source: Shape<SourceDefinition> = {
  ...{ topic: 'text', schema: 'schema', eventTime: 'text', partitionedBy: 'names' },
  ...{ outOfOrderMs: 'number', idleAfterMs: 'number', maxFutureMs: 'number' },
};
const join: Shape<Record<AllOf<StreamJoinDefinition | TableJoinDefinition | GlobalJoinDefinition>, unknown>> =
  {
    ...{ left: 'text', right: 'text', stream: 'text', table: 'text', globalTable: 'text', type: 'text' },
    ...{ on: 'names', key: 'names', where: 'expressions' },
    ...{ beforeMs: 'number', afterMs: 'number', graceMs: 'number', historyMs: 'number' },
  };
const process: Shape<ProcessDefinition> = {
  ...{ from: 'text', module: 'text', export: 'text', by: 'names', reads: 'names', returns: 'schema' },
  ...{ version: 'number', description: 'text' },
};
const view: Shape<Record<AllOf<WindowedView | RowsView>, unknown>> = {
  ...{ from: 'text', flatten: 'text', derive: 'expressions', where: 'expression', by: 'names' },
  ...{ window: 'object', graceMs: 'number', emit: 'text', select: 'object', compute: 'expressions' },
  ...{ having: 'expression', units: 'object', columns: 'names', time: 'text', description: 'text' },
  ...{ sinks: 'names', table: 'text', panels: 'list', retentionMs: 'number' },
};
const sections = { sources: source, joins: join, processes: process, views: view };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNamed = (value: unknown) => isObject(value) && typeof value['name'] === 'string';
const isExpression = (value: unknown) => isObject(value) && typeof value['op'] === 'string';

const kinds: Readonly<Record<Kind, readonly [what: string, isOne: (value: unknown) => boolean]>> = {
  text: ['text', (value) => typeof value === 'string'],
  number: ['a number', (value) => typeof value === 'number'],
  names: [
    'a list of names',
    (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
  ],
  list: ['a list', Array.isArray],
  object: ['an object', isObject],
  schema: [
    'a schema whose fields have names',
    (value) => isObject(value) && (!Array.isArray(value['fields']) || value['fields'].every(isNamed)),
  ],
  entries: ['an object of named objects', isObject],
  expression: ["an expression: make it with eq(field('a'), 1) and the like", isExpression],
  expressions: [
    "an object of expressions: make them with field('a'), concat(…) and the like",
    (value) => isObject(value) && Object.values(value).every(isExpression),
  ],
};

/**
 * What is not where it belongs, before anybody looks at what it says: settings that there are not, and values of another kind than
 * they must have. A definition may come from a file, or from code that no compiler has looked at.
 */
export function shapeProblems(definition: unknown): [path: string, problem: string][] {
  const problems: [string, string][] = [];
  const look = (path: string, value: unknown, shape: Readonly<Record<string, Kind>>): boolean => {
    if (!isObject(value)) {
      problems.push([path || 'definition', `is ${shown(value)}, not an object`]);
      return false;
    }
    for (const [name, inner] of Object.entries(value)) {
      const at = path === '' ? name : `${path}.${name}`;
      const kind = Object.hasOwn(shape, name) ? shape[name]! : undefined;
      if (kind === undefined)
        problems.push([at, `there is no such setting; there are ${Object.keys(shape).join(', ')}`]);
      else if (inner !== undefined && !kinds[kind][1](inner))
        problems.push([at, `is ${shown(inner)}, not ${kinds[kind][0]}`]);
    }
    return true;
  };
  if (!look('', definition, pipeline)) return problems;
  for (const [section, shape] of Object.entries(sections)) {
    const entries = (definition as Readonly<Record<string, unknown>>)[section];
    if (!isObject(entries)) continue;
    for (const [name, entry] of Object.entries(entries))
      if (look(`${section}.${name}`, entry, shape) && section === 'views')
        for (const missing of missingIn(entry as object))
          problems.push([
            `${section}.${name}.${missing}`,
            'is missing: a view has `window` and `select`, or `by` and `columns`',
          ]);
  }
  return problems;
}

const missingIn = (entry: object) =>
  ('window' in entry || 'select' in entry ? ['window', 'select'] : ['by', 'columns']).filter(
    (name) => (entry as Readonly<Record<string, unknown>>)[name] === undefined,
  );

/** Longer values say no more about what is wrong with them. */
const maxShown = 60;

const shown = (value: unknown): string =>
  typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value)).slice(0, maxShown);
