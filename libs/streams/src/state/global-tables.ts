import { compileExpression } from '../definition/compile-expression.ts';
import type { Compiled, Row } from '../definition/compile-expression.ts';
import { fieldsOfInput } from '../definition/needed-fields.ts';
import { isGlobalJoin, keyOf } from '../definition/pipeline-definition.ts';
import type { GlobalJoinDefinition, PipelineDefinition } from '../definition/pipeline-definition.ts';
import { inputScope } from '../definition/view-scope.ts';
import { groupKeyCodec } from '../tasks/group-key.ts';
import type { GroupKeyCodec } from '../tasks/group-key.ts';
import type { RowSteps, RowTarget } from '../views/view-steps.ts';

/** The rows of one table as one join looks them up. */
interface Index {
  readonly codec: GroupKeyCodec;
  readonly where: Compiled | undefined;
  readonly rows: Map<string, Row>;
}

/** A source that is held whole: the newest row of each record key, found by the keys of the joins that read it. */
export class GlobalTable {
  /** The fields that anybody reads. */
  readonly fields: readonly string[];
  readonly indexes = new Map<string, Index>();
  readonly #rows = new Map<string, Row>();

  constructor(definition: PipelineDefinition, source: string) {
    const scope = inputScope(definition, source);
    this.fields = fieldsOfInput(definition, source, scope.keys());
    for (const [name, join] of Object.entries(definition.joins ?? {})) {
      if (!isGlobalJoin(join) || join.globalTable !== source) continue;
      const where = join.where?.[source];
      this.indexes.set(name, {
        codec: codecOf(definition, source, keyOf(join, source)),
        where: where === undefined ? undefined : compileExpression(where),
        rows: new Map(),
      });
    }
  }

  /**
   * Takes a row in the place of the one with the same record key (without one: with the same join key); null deletes it.
   * False when the row has no value where a join looks for it.
   */
  put(recordKey: string | null, row: Row | null): boolean {
    const before = recordKey === null ? undefined : this.#rows.get(recordKey);
    if (before !== undefined) this.#remove(recordKey!, before);
    if (row === null) return true;
    const kept: Row = {};
    for (const name of this.fields) kept[name] = row[name] ?? null;
    if (recordKey !== null) this.#rows.set(recordKey, kept);
    let isWhole = true;
    for (const { codec, where, rows } of this.indexes.values()) {
      const key = codec.encode(kept);
      if (key === undefined) isWhole = false;
      else if (where === undefined || where(kept) === true) rows.set(key, kept);
      else if (recordKey === null) rows.delete(key);
    }
    return isWhole;
  }

  #remove(recordKey: string, row: Row): void {
    this.#rows.delete(recordKey);
    for (const { codec, rows } of this.indexes.values()) {
      const key = codec.encode(row);
      // Another record may have taken its key since.
      if (key !== undefined && rows.get(key) === row) rows.delete(key);
    }
  }
}

/** All global tables of a pipeline, as one instance holds them for its tasks. */
export class GlobalTables {
  readonly bySource: ReadonlyMap<string, GlobalTable>;
  readonly #definition: PipelineDefinition;

  constructor(definition: PipelineDefinition) {
    this.#definition = definition;
    const sources = Object.values(definition.joins ?? {}).flatMap((join) =>
      isGlobalJoin(join) ? [join.globalTable] : [],
    );
    this.bySource = new Map(sources.map((source) => [source, new GlobalTable(definition, source)]));
  }

  /** What is to be done to a row of a join's stream before the steps of who reads the join. */
  joining(name: string, steps: RowSteps): RowSteps {
    const join = this.#definition.joins![name] as GlobalJoinDefinition;
    const { stream, globalTable, on, type } = join;
    const codec = codecOf(this.#definition, stream, on);
    const { rows } = this.bySource.get(globalTable)!.indexes.get(name)!;
    const where = join.where?.[stream];
    const isTaken = where === undefined ? undefined : compileExpression(where);
    return {
      run(row: Row, timeMs: number, target: RowTarget): void {
        const key = codec.encode(row);
        const found = (key === undefined ? undefined : rows.get(key)) ?? null;
        if ((found === null && type === 'inner') || (isTaken !== undefined && isTaken(row) !== true)) {
          target.passed(timeMs);
          return;
        }
        const joined: Row = {};
        for (const field of on) joined[field] = row[field] ?? null;
        joined['eventTime'] = timeMs;
        joined[stream] = row;
        joined[globalTable] = found;
        steps.run(joined, timeMs, target);
      },
    };
  }
}

function codecOf(definition: PipelineDefinition, from: string, fields: readonly string[]): GroupKeyCodec {
  const scope = inputScope(definition, from);
  return groupKeyCodec(fields.map((name) => ({ name, type: scope.get(name)!.type })));
}
