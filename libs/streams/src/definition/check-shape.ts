import { expressionProblem } from './compile-expression.ts';
import { notPlainData, shown } from './plain-data.ts';
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
import { schemaProblem } from './check-schema.ts';

type Kind =
  | 'schema'
  | 'text'
  | 'texts'
  | 'number'
  | 'names'
  | 'object'
  | 'objects'
  | 'expression'
  | 'expressions'
  | 'list';
type RequiredOf<T> = { [K in keyof T]-?: undefined extends T[K] ? never : K }[keyof T];

/** The settings of a thing in a definition, and which of them it cannot be without. */
interface Shape {
  readonly what: string;
  readonly settings: Readonly<Record<string, Kind>>;
  readonly required: readonly string[];
}
const shape = <T>(
  what: string,
  settings: Readonly<Record<keyof Required<T>, Kind>>,
  required: readonly RequiredOf<T>[],
): Shape => ({ what, settings, required: required as readonly string[] });

const pipeline = shape<PipelineDefinition>(
  'a pipeline',
  {
    ...{ name: 'text', description: 'text' },
    ...{ sources: 'objects', joins: 'objects', processes: 'objects', views: 'objects' },
  },
  ['name', 'sources', 'views'],
);
const source = shape<SourceDefinition>(
  'a source',
  {
    ...{ topic: 'text', schema: 'schema', eventTime: 'text', partitionedBy: 'names' },
    ...{ outOfOrderMs: 'number', idleAfterMs: 'number', maxFutureMs: 'number' },
  },
  ['topic', 'schema'],
);
const joinSteps = { on: 'names', where: 'expressions', type: 'text' } as const;
const streamJoin = shape<StreamJoinDefinition>(
  'a join of streams',
  { ...joinSteps, left: 'text', right: 'text', beforeMs: 'number', afterMs: 'number', graceMs: 'number' },
  ['left', 'right', 'on', 'type', 'beforeMs', 'afterMs'],
);
const tableJoin = shape<TableJoinDefinition>(
  'a join with a table',
  { ...joinSteps, stream: 'text', table: 'text', historyMs: 'number' },
  ['stream', 'table', 'on', 'type'],
);
const globalJoin = shape<GlobalJoinDefinition>(
  'a join with a global table',
  { ...joinSteps, stream: 'text', globalTable: 'text', key: 'names' },
  ['stream', 'globalTable', 'on', 'type'],
);
const process = shape<ProcessDefinition>(
  'a process',
  {
    ...{ from: 'text', module: 'text', export: 'text', by: 'names', reads: 'names', returns: 'schema' },
    ...{ version: 'number', description: 'text' },
  },
  ['from', 'module', 'export', 'returns'],
);
const steps = {
  from: 'text',
  flatten: 'text',
  derive: 'expressions',
  where: 'expression',
  by: 'names',
  sinks: 'names',
  table: 'text',
  panels: 'list',
  retentionMs: 'number',
  description: 'text',
} as const;
const windowedView = shape<WindowedView>(
  'a view with a window',
  {
    ...{ ...steps, window: 'object', graceMs: 'number', emit: 'text', select: 'objects' },
    ...{ compute: 'expressions', having: 'expression', units: 'texts' },
  },
  ['from', 'window', 'select'],
);
const rowsView = shape<RowsView>('a view without window', { ...steps, columns: 'names', time: 'text' }, [
  'from',
  'by',
  'columns',
]);

const sections: Readonly<Record<string, (entry: object) => Shape>> = {
  sources: () => source,
  joins: (entry) => ('globalTable' in entry ? globalJoin : 'table' in entry ? tableJoin : streamJoin),
  processes: () => process,
  views: (entry) => ('window' in entry || 'select' in entry ? windowedView : rowsView),
};

type Problem = readonly [path: string, problem: string];
type Look = (value: unknown) => readonly Problem[];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const none: readonly Problem[] = [];
const not = (value: unknown, what: string): readonly Problem[] => [['', `is ${shown(value)}, not ${what}`]];
const problemAt = (path: string, problem: string | undefined): readonly Problem[] =>
  problem === undefined ? none : [[path, problem]];
const expecting =
  (what: string, isOne: (value: unknown) => boolean): Look =>
  (value) =>
    isOne(value) ? none : not(value, what);
const isExpression = (value: unknown) => isObject(value) && typeof value['op'] === 'string';

const looks: Readonly<Record<Kind, Look>> = {
  text: expecting('text', (value) => typeof value === 'string'),
  number: expecting('a number', (value) => typeof value === 'number'),
  list: expecting('a list', Array.isArray),
  object: expecting('an object', isObject),
  objects: (value) =>
    isObject(value)
      ? Object.entries(value).flatMap(([name, one]) =>
          isObject(one) ? none : [[`.${name}`, `is ${shown(one)}, not an object`] as const],
        )
      : not(value, 'an object of named objects'),
  texts: expecting(
    'an object of texts',
    (value) => isObject(value) && Object.values(value).every((one) => typeof one === 'string' && one !== ''),
  ),
  names: (value) => {
    if (!Array.isArray(value) || !value.every((one) => typeof one === 'string'))
      return not(value, 'a list of names');
    const twice = value.find((one, at) => value.indexOf(one) !== at);
    return problemAt('', twice === undefined ? undefined : `names "${twice}" twice: name it once`);
  },
  schema: (value) => problemAt('', schemaProblem(value)),
  expression: (value) =>
    isExpression(value)
      ? problemAt('', expressionProblem(value))
      : not(value, "an expression: make it with eq(field('a'), 1) and the like"),
  expressions: (value) =>
    isObject(value) && Object.values(value).every(isExpression)
      ? Object.entries(value).flatMap(([name, one]) => problemAt(`.${name}`, expressionProblem(one)))
      : not(value, "an object of expressions: make them with field('a'), concat(…) and the like"),
};

/**
 * What is not where it belongs, before anybody looks at what it says: settings that there are not, those that are missing, values of
 * another kind than they must have, schemas and expressions that are none. A definition may come from a file, or from code that no
 * compiler has looked at.
 */
export function shapeProblems(definition: unknown): readonly Problem[] {
  const unfit = notPlainData(definition);
  if (unfit !== undefined) return [unfit];
  if (!isObject(definition)) return [['definition', `is ${shown(definition)}, not an object`]];
  const problems = [...lookAt('', definition, pipeline)];
  for (const [section, shapeOf] of Object.entries(sections)) {
    const entries = definition[section];
    if (!isObject(entries)) continue;
    for (const [name, entry] of Object.entries(entries))
      if (isObject(entry)) problems.push(...lookAt(`${section}.${name}`, entry, shapeOf(entry)));
  }
  return problems;
}

function* lookAt(
  path: string,
  entry: Readonly<Record<string, unknown>>,
  { what, settings, required }: Shape,
): Generator<Problem> {
  const under = path === '' ? '' : `${path}.`;
  for (const [name, value] of Object.entries(entry)) {
    if (!Object.hasOwn(settings, name))
      yield [under + name, `${what} has no such setting; it has ${Object.keys(settings).join(', ')}`];
    else if (value !== undefined)
      for (const [at, problem] of looks[settings[name]!](value)) yield [under + name + at, problem];
  }
  for (const name of required)
    if (entry[name] === undefined)
      yield [under + name, `is missing: ${what} has at least ${required.join(', ')}`];
}
