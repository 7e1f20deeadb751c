import type { RunningPipeline } from '@millrace/streams';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { type SinkMeter, sinkMetrics } from './sinks/sink-metrics.ts';

/** Each counter of a running pipeline, its metric's name and what it counts. */
const counters = [
  ['records', 'millrace_records_total', 'Records read from source and repartition topics.'],
  ['bytes', 'millrace_read_bytes_total', 'Bytes read from source and repartition topics.'],
  ['results', 'millrace_results_total', 'Results written.'],
  ['late', 'millrace_late_records_total', 'Records that came after their window had closed for good.'],
  ['rejected', 'millrace_rejected_records_total', 'Records set aside: no key, or too far in the future.'],
  ['deadLetter', 'millrace_dead_letter_records_total', 'Records that could not be read.'],
  ['commits', 'millrace_commits_total', 'Committed transactions.'],
  ['failedCommits', 'millrace_failed_commits_total', 'Transactions that failed; their work was done again.'],
  ['rebalances', 'millrace_rebalances_total', 'Times the group assigned partitions anew.'],
  ['restores', 'millrace_restores_total', 'Tasks whose state was restored.'],
  ['restoredRecords', 'millrace_restored_records_total', 'Changelog records read to restore state.'],
  ['changelogBytes', 'millrace_changelog_bytes_total', 'Bytes of state changes written.'],
] as const;

export interface ProcessorMetrics {
  readonly registry: Registry;
  /** Of a sink by its name. */
  readonly sink: (name: string) => SinkMeter;
}

/** Prometheus metrics of the running pipelines, read when they are asked for. */
export function processorMetrics(pipelines: readonly RunningPipeline[]): ProcessorMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const [counter, name, help] of counters) {
    new Gauge({
      name,
      help,
      labelNames: ['pipeline'],
      registers: [registry],
      collect() {
        for (const pipeline of pipelines) this.set({ pipeline: pipeline.name }, pipeline.counters[counter]);
      },
    });
  }
  new Gauge({
    name: 'millrace_lag_records',
    help: 'Records that are there and not counted yet.',
    labelNames: ['pipeline', 'topic', 'partition'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { name, tasks } of pipelines) {
        for (const { topic, partition, lag } of tasks)
          this.set({ pipeline: name, topic, partition: String(partition) }, lag);
      }
    },
  });
  new Gauge({
    name: 'millrace_watermark_seconds',
    help: 'Event time up to which a view is complete, in seconds since the epoch.',
    labelNames: ['pipeline', 'view'],
    registers: [registry],
    collect() {
      for (const pipeline of pipelines) {
        for (const [view, watermarkMs] of Object.entries(pipeline.watermarks())) {
          if (Number.isFinite(watermarkMs)) this.set({ pipeline: pipeline.name, view }, watermarkMs / 1000);
        }
      }
    },
  });
  new Gauge({
    name: 'millrace_commit_duration_seconds',
    help: 'How long the last transaction took.',
    labelNames: ['pipeline'],
    registers: [registry],
    collect() {
      for (const pipeline of pipelines)
        this.set({ pipeline: pipeline.name }, pipeline.lastCommitDurationMs / 1000);
    },
  });
  new Gauge({
    name: 'millrace_state_keys',
    help: 'Keys with open windows.',
    labelNames: ['pipeline'],
    registers: [registry],
    collect() {
      for (const { name, tasks } of pipelines)
        this.set(
          { pipeline: name },
          tasks.reduce((sum, { keys }) => sum + keys, 0),
        );
    },
  });
  return { registry, sink: sinkMetrics(registry) };
}
