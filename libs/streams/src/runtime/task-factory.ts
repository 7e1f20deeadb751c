import { timeColumnOf, viewColumns } from '../definition/view-columns.ts';
import type { PipelineDefinition, WindowedView } from '../definition/pipeline-definition.ts';
import { isWindowed } from '../definition/pipeline-definition.ts';
import { eventTimeOf } from '../definition/scope.ts';
import { topicNames } from '../topology/topology.ts';
import type { MergeStage, SourceStage, Topology } from '../topology/topology.ts';
import type { TaskId } from './assignment.ts';
import type { PipelineCounters } from './counters.ts';
import { MergeTarget } from './merge-target.ts';
import { MergeTask } from './merge-task.ts';
import type { OutputBuffer } from './output-buffer.ts';
import { PartialTarget } from './partial-target.ts';
import type { Serdes } from './ports.ts';
import { ResultWriter } from './result-writer.ts';
import { RowsTarget } from './rows-target.ts';
import type { SetAside } from './set-aside.ts';
import { SourceTask } from './source-task.ts';
import type { SourceView } from './source-task.ts';
import type { Task } from './task.ts';
import { fieldsNeeded, ViewSteps } from './view-steps.ts';
import { lateReason, WindowTarget } from './window-target.ts';

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
  readonly #steps: ReadonlyMap<string, ViewSteps>;

  constructor(options: TaskFactoryOptions) {
    this.#options = options;
    const { definition } = options;
    this.#steps = new Map(
      Object.entries(definition.views).map(([name, view]) => [name, new ViewSteps(definition, view)]),
    );
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
    const { outOfOrderMs = 0 } = source;
    const partials: PartialTarget[] = [];
    const sourceViews: SourceView[] = [];
    for (const name of [...stage.windows, ...stage.rows, ...stage.partials]) {
      const steps = this.#steps.get(name)!;
      const common = { name, outOfOrderMs, aside: setCurrentAside };
      if (stage.rows.includes(name))
        sourceViews.push({
          steps,
          target: new RowsTarget({ ...common, results: this.#results(name, id.partition) }),
        });
      else if (stage.windows.includes(name)) {
        const results = this.#results(name, id.partition);
        sourceViews.push({
          steps,
          target: new WindowTarget({ ...common, view: this.#window(name), results }),
        });
      } else {
        const topic = topicNames.repartition(definition.name, name);
        const target = new PartialTarget({
          ...common,
          view: this.#window(name),
          partition: id.partition,
          topic,
          partitionCount: this.#partitions(topic),
          output,
        });
        partials.push(target);
        sourceViews.push({ steps, target });
      }
    }
    const eventTime = eventTimeOf(source)!;
    const fields = new Set([eventTime]);
    for (const { target } of sourceViews)
      for (const name of fieldsNeeded(definition.views[target.view]!))
        if (source.schema.fields.some((field) => field.name === name)) fields.add(name);
    const task: SourceTask = new SourceTask({
      id,
      views: sourceViews.map(({ target }) => target),
      output,
      changelogTopic: topicNames.changelog(definition.name, stage.name),
      source,
      eventTime,
      reader: serdes.reader({ topic: source.topic, schema: source.schema, fields: [...fields] }),
      sourceViews,
      aside,
      counters,
      idleAfterMs: source.idleAfterMs ?? defaultIdleAfterMs,
      partials,
    });
    return task;
  }

  #merge(id: TaskId, stage: MergeStage): Task {
    const { definition, output, aside, counters, now } = this.#options;
    const source = definition.sources[stage.source]!;
    const target = new MergeTarget({
      name: stage.view,
      view: this.#window(stage.view),
      sourcePartitions: this.#partitions(source.topic),
      results: this.#results(stage.view, id.partition),
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
      views: [target],
      output,
      changelogTopic: topicNames.changelog(definition.name, stage.name),
      topic: stage.topic,
      target,
      counters,
    });
  }

  #results(view: string, partition: number): ResultWriter {
    const { definition, schemaIds, output, counters, now } = this.#options;
    return new ResultWriter({
      columns: viewColumns(definition, view),
      time: timeColumnOf(definition.views[view]!),
      schemaId: schemaIds.get(view)!,
      codec: this.#steps.get(view)!.codec,
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
