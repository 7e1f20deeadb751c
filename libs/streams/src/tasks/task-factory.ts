import { timeColumnOf, viewColumns } from '../definition/view-columns.ts';
import type { PipelineDefinition, WindowedView } from '../definition/pipeline-definition.ts';
import { isWindowed } from '../definition/pipeline-definition.ts';
import { fieldsOfInput } from '../definition/needed-fields.ts';
import { eventTimeOf } from '../definition/scope.ts';
import { needsRepartition, topicNames } from '../topology/topology.ts';
import type { MergeStage, SourceStage, Topology } from '../topology/topology.ts';
import { TaskTraces } from '../tracing/task-traces.ts';
import { taskName } from '../group/assignment.ts';
import type { TaskId } from '../group/assignment.ts';
import type { PipelineCounters } from '../runtime/counters.ts';
import type { OwnCodes } from '../own-code/own-code.ts';
import type { StateMemory } from '../state/state-memory.ts';
import type { GlobalTables } from '../state/global-tables.ts';
import { JoinHost } from '../views/join-host.ts';
import type { JoinSide } from '../views/join-side.ts';
import { MergeTarget } from '../views/merge-target.ts';
import { MergeTask } from './merge-task.ts';
import type { OutputBuffer } from '../results/output-buffer.ts';
import { PartialTarget } from '../views/partial-target.ts';
import type { Serdes } from '../runtime/ports.ts';
import { ResultWriter } from '../results/result-writer.ts';
import type { SetAside } from './set-aside.ts';
import { SourceReader } from './source-reader.ts';
import type { SourceReaderOptions } from './source-reader.ts';
import { SourceTask } from './source-task.ts';
import type { Task } from './task.ts';
import { TaskInput } from './task-input.ts';
import { ViewHost } from '../views/view-host.ts';
import type { HostPorts } from '../views/view-host.ts';
import type { ReadingView } from '../views/view-steps.ts';
import type { ViewTarget } from '../views/view-target.ts';
import { lateReason } from '../views/window-target.ts';
import type { SetCurrentAside } from '../views/window-target.ts';

export interface TaskFactoryOptions {
  readonly definition: PipelineDefinition;
  readonly topology: Topology;
  readonly serdes: Serdes;
  /** By view. */
  readonly schemaIds: ReadonlyMap<string, number>;
  /** By topic. */
  readonly partitionCounts: ReadonlyMap<string, number>;
  readonly output: OutputBuffer;
  readonly aside: SetAside;
  readonly counters: PipelineCounters;
  readonly now: () => number;
  readonly defaultIdleAfterMs: number;
  readonly globalTables: GlobalTables;
  readonly ownCodes: OwnCodes;
  /** Whether trace contexts are carried from records to results. */
  readonly traceContext: boolean;
  /** Absent: all state is in memory. */
  readonly memory: StateMemory | undefined;
}

/** Makes the tasks of a pipeline, empty. */
export class TaskFactory {
  readonly #options: TaskFactoryOptions;
  readonly #host: ViewHost;

  constructor(options: TaskFactoryOptions) {
    this.#options = options;
    const { definition, globalTables: tables, ownCodes } = options;
    this.#host = new ViewHost(definition, { tables, ownCodes });
  }

  create(id: TaskId): Task {
    const stage = this.#options.topology.stages[id.stage]!;
    return stage.kind === 'source' ? this.#source(id, stage) : this.#merge(id, stage);
  }

  #source(id: TaskId, stage: SourceStage): Task {
    const { definition, output, memory } = this.#options;
    const traces = this.#traces();
    const disk = memory?.open(taskName(id));
    const joins = new JoinHost({
      definition,
      host: this.#host,
      traces,
      portsFor: (partials) => this.#ports(id, [partials, allPartials], { traces, disk }),
    });
    const allPartials: PartialTarget[] = [];
    const targets: ViewTarget[] = [];
    const inputs: TaskInput[] = [];
    const readers = stage.sources.map((name) => {
      const source = definition.sources[name]!;
      const input = new TaskInput({ topic: source.topic, partition: id.partition });
      inputs.push(input);
      const aside: SetCurrentAside = (to, reason) => reader.set(to, reason);
      const partials: PartialTarget[] = [];
      const common = { outOfOrderMs: source.outOfOrderMs ?? 0, aside };
      const sides: JoinSide[] = [];
      const sidesOf: HostPorts['sides'] = (from, given) => {
        const reading = joins.sidesReading(from, { watermarks: 'events', ...given });
        sides.push(...reading);
        return reading;
      };
      const ports = { ...this.#ports(id, [partials, allPartials], { traces, disk }), sides: sidesOf };
      const hosted = this.#host.readers(name, common, ports);
      targets.push(...hosted.targets);
      const sourceSides = sidesOf(name, common);
      const reader: SourceReader = this.#reader(name, {
        ...{ input, partials, sides, traces },
        ...{ views: hosted.readers, sourceSides },
      });
      return reader;
    });
    return new SourceTask({
      id,
      inputs,
      views: [...targets, ...joins.targets],
      output,
      disk,
      changelogTopic: topicNames.changelog(definition.name, stage.name),
      readers,
      partials: allPartials,
      joins: joins.joins,
    });
  }

  #reader(
    name: string,
    parts: Pick<SourceReaderOptions, 'input' | 'partials' | 'sides' | 'traces'> & {
      readonly views: readonly ReadingView[];
      /** Of `sides`, those that read the source itself. */
      readonly sourceSides: readonly JoinSide[];
    },
  ): SourceReader {
    const { definition, serdes, aside, counters, defaultIdleAfterMs } = this.#options;
    const source = definition.sources[name]!;
    const { topic, schema, idleAfterMs = defaultIdleAfterMs } = source;
    const eventTime = eventTimeOf(source)!;
    const all = schema.fields.map((field) => field.name);
    const fields = new Set([eventTime, ...fieldsOfInput(definition, name, all)]);
    const { sourceSides, views } = parts;
    const reader = serdes.reader({ topic, schema, fields: [...fields] });
    const reading: readonly ReadingView[] = [
      ...views,
      ...sourceSides.map((side) => ({ steps: side, target: side.target })),
    ];
    return new SourceReader({
      ...parts,
      source,
      eventTime,
      reader,
      sourceViews: reading.map(({ steps, target }) => ({
        steps,
        target,
        hint: steps.keyField === undefined ? undefined : reader.textOf?.(steps.keyField),
      })),
      aside,
      counters,
      idleAfterMs,
    });
  }

  #merge(id: TaskId, stage: MergeStage): Task {
    const { definition, output, aside, counters, now, memory } = this.#options;
    const view = this.#window(stage.view);
    const traces = this.#traces();
    const disk = memory?.open(taskName(id));
    const { sink, fed } = this.#host.sink(stage.view, view, this.#ports(id, [], { traces, disk }));
    const input = new TaskInput({ topic: stage.topic, partition: id.partition });
    const target = new MergeTarget({
      name: stage.view,
      view,
      sourcePartitions: this.#partitions(stage.topic),
      results: sink,
      disk,
      onLate: (late) =>
        aside.write(
          'late',
          {
            topic: stage.topic,
            partition: late.partition,
            offset: -1,
            key: Buffer.from(String(late.key)),
            value: null,
          },
          lateReason(stage.view, late),
          now(),
        ),
    });
    return new MergeTask({
      id,
      inputs: [input],
      views: [target, ...fed],
      output,
      disk,
      changelogTopic: topicNames.changelog(definition.name, stage.name),
      topic: stage.topic,
      target,
      counters,
      traces: traces?.of(stage.view, 'kept'),
    });
  }

  /** What the views of one task are given; those that send partial windows are added to the lists. */
  #ports(
    { partition }: TaskId,
    lists: readonly Pick<PartialTarget[], 'push'>[],
    { traces, disk }: Pick<HostPorts, 'traces' | 'disk'>,
  ): HostPorts {
    const { definition, output, aside, now } = this.#options;
    return {
      traces,
      disk,
      results: (name) => this.#results(name, partition, traces),
      partial: (options) => {
        if (!needsRepartition(definition, options.view)) return undefined;
        const topic = topicNames.repartition(definition.name, options.name);
        const partitionCount = this.#partitions(topic);
        const target = new PartialTarget({
          ...{ ...options, partition, topic, partitionCount, output },
          traces: traces?.of(options.name, 'sent'),
        });
        for (const list of lists) list.push(target);
        return target;
      },
      sides: () => [],
      setAside: (to, from, row, reason) =>
        aside.write(
          to,
          {
            topic: topicNames.results(definition.name, from),
            partition,
            offset: -1,
            key: null,
            value: Buffer.from(JSON.stringify(row)),
          },
          reason,
          now(),
        ),
    };
  }

  #traces(): TaskTraces | undefined {
    const { definition, traceContext } = this.#options;
    return traceContext ? new TaskTraces(definition) : undefined;
  }

  #results(view: string, partition: number, traces: TaskTraces | undefined): ResultWriter {
    const { definition, schemaIds, output, counters, now } = this.#options;
    return new ResultWriter({
      columns: viewColumns(definition, view),
      time: timeColumnOf(definition.views[view]!),
      schemaId: schemaIds.get(view)!,
      codec: this.#host.stepsOf(view).codec,
      output: output.partition(topicNames.results(definition.name, view), partition),
      counters,
      nowMs: now(),
      traceOf: traces?.finder(view),
    });
  }

  #window(name: string): WindowedView {
    const view = this.#options.definition.views[name]!;
    if (!isWindowed(view)) throw new TypeError(`view "${name}" has no window`);
    return view;
  }

  #partitions(topic: string): number {
    return this.#options.partitionCounts.get(topic)!;
  }
}
