import type { Cluster } from '../kafka/cluster.ts';
import type { PartitionInput } from '../tasks/partition-input.ts';
import type { OnEvent } from './ports.ts';

export interface OutOfRangeOptions {
  readonly cluster: Cluster;
  readonly onEvent: OnEvent;
  /** The input can be fetched again. */
  readonly onReady: () => void;
}

/** Goes on at the start of a topic from which an input's next records are gone, and says how many are lost. */
export function skipLostRecords(
  input: PartitionInput,
  { cluster, onEvent, onReady }: OutOfRangeOptions,
): void {
  if (input.isPaused) return;
  input.isPaused = true;
  void cluster
    .listOffsets([input], -2, 'uncommitted')
    .then(([start = 0]) => {
      onEvent({
        level: 'error',
        event: 'records-lost',
        message: `${input.topic}/${input.partition}: offset ${input.fetchOffset} is gone, the topic starts at ${start}; retention was shorter than the pipeline was away`,
        topic: input.topic,
        partition: input.partition,
        lost: start - input.fetchOffset,
      });
      input.fetchOffset = start;
    })
    .catch(() => undefined)
    .finally(() => {
      input.isPaused = false;
      onReady();
    });
}
