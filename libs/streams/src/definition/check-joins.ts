import { conditionMisfit } from './check-expression.ts';
import {
  isGlobalJoin,
  isGlobalTable,
  isTableJoin,
  keyOf,
  sidesOf,
  streamBehind,
} from './pipeline-definition.ts';
import type { JoinDefinition, PipelineDefinition } from './pipeline-definition.ts';
import { inputScope } from './view-scope.ts';

/** Why the joins of a pipeline cannot run, each as the place and the problem. */
export function joinProblems(definition: PipelineDefinition): [path: string, problem: string][] {
  const problems: [string, string][] = [];
  for (const [name, join] of Object.entries(definition.joins ?? {})) {
    const path = `joins.${name}`;
    const report = (at: string, problem: string) => problems.push([`${path}${at}`, problem]);
    if (Object.hasOwn(definition.sources, name) || Object.hasOwn(definition.views, name))
      report('', 'a source or view has the same name: rename one');
    if (!checkSides(definition, name, join, report)) continue;
    checkOn(definition, join, report);
    checkTimes(join, report);
    for (const [side, condition] of Object.entries(join.where ?? {})) {
      if (!sidesOf(join).includes(side))
        report('.where', `"${side}" is no side of the join; there are ${sidesOf(join).join(', ')}`);
      else {
        const problem = conditionMisfit(condition, inputScope(definition, side));
        if (problem !== undefined) report('.where', problem);
      }
    }
  }
  return problems;
}

type Report = (at: string, problem: string) => void;

/** Whether both sides are there, so that the rest can be looked at. */
function checkSides(
  definition: PipelineDefinition,
  name: string,
  join: JoinDefinition,
  report: Report,
): boolean {
  const { joins = {}, processes = {}, sources } = definition;
  const sides = sidesOf(join);
  const all = [sources, joins, processes];
  const missing = sides.filter((side) => !all.some((known) => Object.hasOwn(known, side)));
  for (const side of missing)
    report(
      '',
      `there is no source, join or process "${String(side)}" to join; there are ${all.flatMap(Object.keys).join(', ')}`,
    );
  if (missing.length > 0) return false;
  if (sides[0] === sides[1]) {
    report(
      '',
      `"${sides[0]}" is joined with itself: both sides would have one name; aggregate its rows by key instead`,
    );
    return false;
  }
  const seen = new Set([name]);
  for (const open: string[] = [...sides]; open.length > 0;) {
    const side = streamBehind(definition, open.pop()!);
    if (seen.has(side) && side in joins) {
      report(
        '',
        `is a ring through "${side}", or has it on both sides: a join may be read once on the way to another`,
      );
      return false;
    }
    seen.add(side);
    const inner = joins[side];
    if (inner !== undefined) open.push(...sidesOf(inner));
  }
  const table = isTableJoin(join) ? join.table : isGlobalJoin(join) ? join.globalTable : undefined;
  if (table !== undefined && (table in joins || (isGlobalJoin(join) && table in processes))) {
    const at = isTableJoin(join) ? '.table' : '.globalTable';
    report(
      at,
      `"${table}" is a ${table in joins ? 'join' : 'process'}: a table is a source whose newest row of a key counts`,
    );
    return false;
  }
  for (const side of sides) {
    const behind = streamBehind(definition, side);
    if (side !== behind && !(behind in sources) && !(isGlobalJoin(join) && behind in joins)) {
      report(
        '',
        `"${side}" is own code over "${behind}": only rows that it makes of a source's can be joined`,
      );
      return false;
    }
    if (isGlobalJoin(join) && side === join.globalTable) continue;
    if (isGlobalTable(definition, side)) {
      report('', `"${side}" is a global table of another join, and so no stream: name it as globalTable`);
      return false;
    }
    if (!isGlobalJoin(join) && joins[side] !== undefined && isGlobalJoin(joins[side])) {
      report('', `"${side}" is a join with a global table: join with global tables last`);
      return false;
    }
  }
  return true;
}

function checkOn(definition: PipelineDefinition, join: JoinDefinition, report: Report): void {
  const { joins = {}, sources } = definition;
  const sides = sidesOf(join);
  if (join.on.length === 0) return report('.on', 'is empty; name the fields that are equal on both sides');
  for (const name of [...join.on, 'eventTime'])
    if (sides.includes(name))
      report('', `"${name}" is the name of a side and of a column of joined rows: rename the side`);
  if (join.on.includes('eventTime'))
    report('.on', '"eventTime" is the time of joined rows: give the field another name in its schema');
  if (isGlobalJoin(join) && keyOf(join, join.globalTable).length !== join.on.length)
    return report(
      '.key',
      `names ${join.key?.length} fields and \`on\` ${join.on.length}: each has its partner`,
    );
  for (const [place, name] of join.on.entries()) {
    const names = sides.map((side) => keyOf(join, side)[place]!);
    const types = sides.map((side, at) => inputScope(definition, side).get(names[at]!)?.type);
    const missing = sides.filter((_, at) => types[at] === undefined);
    if (missing.length > 0)
      report('.on', `"${missing.join('" and "')}" have no field "${names[types.indexOf(undefined)]}"`);
    else if (types[0] !== types[1])
      report(
        '.on',
        `"${name}" is ${types[0]} in "${sides[0]}" and ${types[1]} in "${sides[1]}": give both one type`,
      );
    else if (types[0] === 'double' || types[0] === 'json')
      report('.on', `"${name}" is ${types[0]}, which is no key`);
  }
  // Every instance has the whole table: nothing has to lie where the other side does.
  if (isGlobalJoin(join)) return;
  for (const side of sides) {
    const inner = joins[side];
    if (inner !== undefined && String(inner.on) !== String(join.on))
      report(
        '.on',
        `is not what "${side}" is joined on (${inner.on.join(', ')}): joins of joins are over the same fields`,
      );
  }
  const partitioned = rootsOf(definition, sides).map(
    (name) => [name, sources[name]?.partitionedBy ?? []] as const,
  );
  const [, first = []] = partitioned[0] ?? [];
  for (const [name, fields] of partitioned)
    if (fields.length === 0 || fields.some((field) => !join.on.includes(field)))
      report(
        '',
        `rows that belong together may lie in different partitions: have the producer partition "${name}" by fields of \`on\` (${join.on.join(', ')}) and say so in its partitionedBy`,
      );
    else if (String(fields) !== String(first))
      report(
        '',
        `"${name}" is partitioned by ${fields.join(', ')}, another side by ${first.join(', ')}: partition all sides by the same fields`,
      );
}

/** The sources behind the sides of a join. */
export function rootsOf(definition: PipelineDefinition, sides: readonly string[]): string[] {
  return sides.flatMap((side) => {
    const behind = streamBehind(definition, side);
    const join = definition.joins?.[behind];
    if (join === undefined) return [behind];
    return rootsOf(definition, isGlobalJoin(join) ? [join.stream] : sidesOf(join));
  });
}

function checkTimes(join: JoinDefinition, report: Report): void {
  const types = isTableJoin(join) || isGlobalJoin(join) ? ['inner', 'left'] : ['inner', 'left', 'outer'];
  if (!types.includes(join.type)) report('.type', `"${String(join.type)}" is none of ${types.join(', ')}`);
  if (isGlobalJoin(join)) return;
  const times = isTableJoin(join)
    ? { historyMs: join.historyMs ?? 0 }
    : { beforeMs: join.beforeMs, afterMs: join.afterMs, graceMs: join.graceMs ?? 0 };
  for (const [name, value] of Object.entries(times))
    if (!Number.isSafeInteger(value) || value < 0)
      report(`.${name}`, `${String(value)} is not a number of milliseconds ≥ 0`);
}
