import { timeColumnOf, viewColumns } from '../definition/view-columns.ts';
import type { PipelineDefinition, WindowedView } from '../definition/pipeline-definition.ts';
import { isWindowed } from '../definition/pipeline-definition.ts';
import { eventTimeOf } from '../definition/scope.ts';
import { needsRepartition, topicNames } from '../topology/topology.ts';
import type { MergeStage, SourceStage, Topology } from '../topology/topology.ts';
import type { TaskId } from './assignment.ts';
import type { PipelineCounters } from './counters.ts';
import { MergeTarget } from './merge-target.ts';
import { MergeTask } from './merge-task.ts';
import type { OutputBuffer } from './output-buffer.ts';
import { PartialTarget } from './partial-target.ts';
import type { Serdes } from './ports.ts';
import { ResultWriter } from './result-writer.ts';
import type { SetAside } from './set-aside.ts';
import { SourceTask } from './source-task.ts';
import type { Task } from './task.ts';
import { ViewHost } from './view-host.ts';
import type { HostPorts } from './view-host.ts';
import { fieldsNeeded } from './view-steps.ts';
import { lateReason } from './window-target.ts';

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
}

/** Makes the tasks of a pipeline, empty. */
export class TaskFactory {
  readonly #options: TaskFactoryOptions;
  readonly #host: ViewHost;

  constructor(options: TaskFactoryOptions) {
    this.#options = options;
    this.#host = new ViewHost(options.definition);
  }

  create(id: TaskId): Task {
    const stage = this.#options.topology.stages[id.stage]!;
    return stage.kind === 'source' ? this.#source(id, stage) : this.#merge(id, stage);
  }

  #source(id: TaskId, stage: SourceStage): Task {
    const { definition, serdes, output, aside, counters, defaultIdleAfterMs } = this.#options;
    const source = definition.sources[stage.source]!;
    const setCurrentAside = (to: 'late' | 'rejected', reason: Parameters<SetAside['write']>[2]) =>
      task.set(to, reason);
    const partials: PartialTarget[] = [];
    const { readers, targets } = this.#host.readers(
      stage.source,
      { outOfOrderMs: source.outOfOrderMs ?? 0, aside: setCurrentAside },
      this.#ports(id, partials),
    );
    const eventTime = eventTimeOf(source)!;
    const fields = new Set([eventTime]);
    for (const { target } of readers)
      for (const name of fieldsNeeded(definition.views[target.view]!))
        if (source.schema.fields.some((field) => field.name === name)) fields.add(name);
    const task: SourceTask = new SourceTask({
      id,
      views: targets,
      output,
      changelogTopic: topicNames.changelog(definition.name, stage.name),
      source,
      eventTime,
      reader: serdes.reader({ topic: source.topic, schema: source.schema, fields: [...fields] }),
      sourceViews: readers,
      aside,
      counters,
      idleAfterMs: source.idleAfterMs ?? defaultIdleAfterMs,
      partials,
    });
    return task;
  }

  #merge(id: TaskId, stage: MergeStage): Task {
    const { definition, output, aside, counters, now } = this.#options;
    const view = this.#window(stage.view);
    const { sink, fed } = this.#host.sink(stage.view, view, this.#ports(id, []));
    const target = new MergeTarget({
      name: stage.view,
      view,
      sourcePartitions: this.#partitions(stage.topic),
      results: sink,
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
      views: [target, ...fed],
      output,
      changelogTopic: topicNames.changelog(definition.name, stage.name),
      topic: stage.topic,
      target,
      counters,
    });
  }

  /** What the views of one task are given; those that send partial windows are added to `partials`. */
  #ports({ partition }: TaskId, partials: PartialTarget[]): HostPorts {
    const { definition, output, aside, now } = this.#options;
    return {
      results: (name) => this.#results(name, partition),
      partial: (options) => {
        if (!needsRepartition(definition, options.view)) return undefined;
        const topic = topicNames.repartition(definition.name, options.name);
        const partitionCount = this.#partitions(topic);
        const target = new PartialTarget({ ...options, partition, topic, partitionCount, output });
        partials.push(target);
        return target;
      },
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

  #results(view: string, partition: number): ResultWriter {
    const { definition, schemaIds, output, counters, now } = this.#options;
    return new ResultWriter({
      columns: viewColumns(definition, view),
      time: timeColumnOf(definition.views[view]!),
      schemaId: schemaIds.get(view)!,
      codec: this.#host.stepsOf(view).codec,
      output: output.partition(topicNames.results(definition.name, view), partition),
      counters,
      nowMs: now(),
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
