import type { PartitionInput } from './partition-input.ts';

/** One partition that a task reads, and how far it is counted. */
export class TaskInput {
  readonly topic: string;
  readonly partition: number;
  /** What was fetched; undefined while the task is being restored. */
  queue: PartitionInput | undefined;
  /** The offset to commit: everything before it has been counted. */
  position = -1;
  committed = -1;

  constructor(place: { readonly topic: string; readonly partition: number }) {
    this.topic = place.topic;
    this.partition = place.partition;
  }

  get hasWork(): boolean {
    return this.queue?.head !== undefined && !this.queue.isPaused;
  }

  get isDirty(): boolean {
    return this.position !== this.committed;
  }

  /** Records that are there and not counted yet; -1 before the first answer. */
  get lag(): number {
    const { queue, position } = this;
    return queue === undefined || queue.endOffset < 0 ? -1 : Math.max(0, queue.endOffset - position);
  }
}
