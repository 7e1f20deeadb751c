import { createOperator } from '@millrace/windowing';
import type { OperatorSinks, Operator, OperatorOptions } from '@millrace/windowing';
import type { Row } from '../definition/compile-expression.ts';
import type { WindowedView } from '../definition/pipeline-definition.ts';
import type { WindowSink } from '../results/result-writer.ts';
import type { DiskState } from '../state/disk-state.ts';
import { StateLog } from '../state/state-log.ts';
import { engineSpec } from './engine-spec.ts';
import type { FlushContext, ReadFilter } from './view-target.ts';

export interface EngineTargetOptions {
  readonly name: string;
  readonly view: WindowedView;
  readonly results: WindowSink;
  /** Where cells go that memory has no room for; absent: nowhere. */
  readonly disk: DiskState | undefined;
}

/** How events come to an engine, and where those go that it does not count. */
type Input = Pick<OperatorOptions<Row>, 'outOfOrderMs' | 'partitions' | 'watermarks'> &
  Pick<OperatorSinks<Row>, 'onLate' | 'onRejected'>;

/** The windows of a view as one task computes them, however events come to them. */
export abstract class EngineTarget {
  readonly view: string;
  readonly log: StateLog;
  protected readonly operator: Operator<Row>;
  protected readonly results: WindowSink;

  constructor({ name, view, results, disk }: EngineTargetOptions, { onLate, onRejected, ...input }: Input) {
    this.view = name;
    this.results = results;
    this.operator = createOperator<Row>(
      {
        ...engineSpec(view),
        ...input,
        emit: view.emit ?? 'onClose',
        trackChanges: true,
        ...(disk && { overflow: disk }),
      },
      {
        onResult: (result, keyId) => results.window(result, keyId),
        onBucketClosed: (bucket) => this.log.closed(bucket),
        ...(onLate && { onLate }),
        ...(onRejected && { onRejected }),
      },
    );
    disk?.attach(this.operator);
    this.log = new StateLog(name, this.operator);
  }

  get watermark(): number {
    return this.operator.watermark;
  }

  flush({ nowMs }: FlushContext): void {
    this.results.setNow(nowMs);
    this.operator.drainUpdates();
  }

  get size() {
    return { keys: this.operator.keyCount, windows: this.operator.windowCount };
  }

  read(visit: (result: Row) => void, filter: ReadFilter): void {
    this.operator.read(filter, this.results.reading?.(visit) ?? visit);
  }

  restored(): void {
    this.results.restored?.((visit) => this.operator.read({}, visit));
  }
}
