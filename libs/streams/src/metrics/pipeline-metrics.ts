import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type { RunningPipeline } from '../start-pipeline.ts';

/** Each counter of a running pipeline, its metric's name and what it counts. */
const counters = [
  ['records', 'millrace_records_total', 'Records read from source and repartition topics.'],
  ['bytes', 'millrace_read_bytes_total', 'Bytes read from source and repartition topics.'],
  ['results', 'millrace_results_total', 'Results written.'],
  ['late', 'millrace_late_records_total', 'Records that came after their window had closed for good.'],
  ['rejected', 'millrace_rejected_records_total', 'Records set aside: no key, or too far in the future.'],
  ['deadLetter', 'millrace_dead_letter_records_total', 'Records that could not be read.'],
  ['commits', 'millrace_commits_total', 'Successful commits.'],
  ['failedCommits', 'millrace_failed_commits_total', 'Commits that failed; their work was done again.'],
  ['rebalances', 'millrace_rebalances_total', 'Times the group assigned partitions anew.'],
  ['restores', 'millrace_restores_total', 'Tasks whose state was restored.'],
  ['restoredRecords', 'millrace_restored_records_total', 'Changelog records read to restore state.'],
  ['changelogBytes', 'millrace_changelog_bytes_total', 'Bytes of state changes written.'],
  ['checkpoints', 'millrace_checkpoints_total', 'Checkpoints of state written to disk.'],
  [
    'checkpointsRefused',
    'millrace_checkpoints_refused_total',
    'Checkpoints that were damaged, foreign or too old, so that the changelog was read instead.',
  ],
  [
    'globalTableRefused',
    'millrace_global_table_refused_records_total',
    'Records of global tables that could not be read.',
  ],
  ['spilledCells', 'millrace_state_spilled_cells_total', 'Cells of windows put on disk for want of memory.'],
  ['loadedCells', 'millrace_state_loaded_cells_total', 'Cells of windows read from disk to go on with them.'],
] as const;

const commitBucketsS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

/**
 * Registers the metrics of running pipelines, labelled by pipeline: counters, lag, watermark delay, commit time, restore progress
 * and state size. All but the commit times are read when they are asked for.
 */
export function pipelineMetrics(
  registry: Registry,
  pipelines: readonly RunningPipeline[],
  now: () => number = Date.now,
): void {
  const registers = [registry];
  for (const [counter, name, help] of counters)
    new Counter({
      name,
      help,
      labelNames: ['pipeline'],
      registers,
      collect() {
        this.reset();
        for (const pipeline of pipelines) this.inc({ pipeline: pipeline.name }, pipeline.counters[counter]);
      },
    });
  const commits = new Histogram({
    name: 'millrace_commit_duration_seconds',
    help: 'How long commits took.',
    labelNames: ['pipeline'],
    buckets: commitBucketsS,
    registers,
  });
  for (const pipeline of pipelines)
    pipeline.observeCommits((durationMs) => commits.observe({ pipeline: pipeline.name }, durationMs / 1000));
  const perTask = (
    name: string,
    help: string,
    value: (task: RunningPipeline['tasks'][number]) => number | undefined,
  ) =>
    new Gauge({
      name,
      help,
      labelNames: ['pipeline', 'stage', 'partition'],
      registers,
      collect() {
        this.reset();
        for (const pipeline of pipelines)
          for (const task of pipeline.tasks) {
            const found = value(task);
            const partition = String(task.partition);
            if (found !== undefined)
              this.set({ pipeline: pipeline.name, stage: task.stage, partition }, found);
          }
      },
    });
  perTask('millrace_lag_records', 'Records that are there and not counted yet.', ({ lag }) =>
    lag < 0 ? undefined : lag,
  );
  perTask(
    'millrace_restored_ratio',
    'How much of its state a task has again, from 0 to 1.',
    ({ restored }) => restored,
  );
  perTask('millrace_state_bytes', 'Bytes of state in the changelog.', ({ stateBytes }) => stateBytes);
  perTask(
    'millrace_state_memory_bytes',
    'About what windows take in memory, with maxStateBytes.',
    ({ memoryBytes }) => memoryBytes,
  );
  perTask('millrace_state_disk_bytes', 'What of windows lies on disk.', ({ diskBytes }) => diskBytes);
  perTask('millrace_state_keys', 'Keys with open windows in memory.', ({ keys }) => keys);
  perTask('millrace_state_windows', 'Open windows of all keys.', ({ windows }) => windows);
  perView(
    'millrace_watermark_seconds',
    'Event time up to which a view is complete, since the epoch.',
    (ms) => ms / 1000,
  );
  perView(
    'millrace_watermark_delay_seconds',
    'How far that is behind the clock.',
    (ms) => (now() - ms) / 1000,
  );

  function perView(name: string, help: string, value: (watermarkMs: number) => number): void {
    new Gauge({
      name,
      help,
      labelNames: ['pipeline', 'view'],
      registers,
      collect() {
        this.reset();
        for (const pipeline of pipelines)
          for (const [view, watermarkMs] of Object.entries(pipeline.watermarks()))
            if (Number.isFinite(watermarkMs)) this.set({ pipeline: pipeline.name, view }, value(watermarkMs));
      },
    });
  }
}
