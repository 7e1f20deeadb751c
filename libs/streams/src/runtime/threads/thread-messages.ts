import type { PipelineDefinition } from '../../definition/pipeline-definition.ts';
import { StreamsError } from '../../errors.ts';
import type { StreamsErrorCode } from '../../errors.ts';
import type { ClusterOptions } from '../../kafka/cluster.ts';
import type { PipelineEvent } from '../ports.ts';
import type { Prepared } from '../preparation.ts';
import type { PartQuery, QueryAnswer } from '../../queries/query.ts';
import type { RunnerStatus } from '../runner.ts';
import type { RuntimeSettings } from '../runtime-settings.ts';
import type { SerdesModule } from '../serdes-module.ts';

/** Everything that a thread is told when it starts; plain data. */
export interface ThreadSettings {
  readonly definition: PipelineDefinition;
  readonly prepared: Prepared;
  readonly cluster: ClusterOptions;
  readonly serdes: SerdesModule;
  readonly settings: RuntimeSettings;
  /** How many threads there are. */
  readonly count: number;
}

export type ToThread =
  | { readonly type: 'stop' | 'pause' | 'resume' }
  /** All threads are ready to. */
  | { readonly type: 'join' }
  | { readonly type: 'query'; readonly id: number; readonly query: PartQuery };

export type FromThread =
  /** It would join the group now. */
  | { readonly type: 'ready' }
  | {
      readonly type: 'status';
      readonly status: RunnerStatus;
      /** How long the commits since the last status took. */
      readonly commitsMs: readonly number[];
    }
  | { readonly type: 'event'; readonly event: PipelineEvent }
  | { readonly type: 'answer'; readonly id: number; readonly answer: QueryAnswer }
  | { readonly type: 'refusal'; readonly id: number; readonly error: ErrorData }
  | { readonly type: 'failed'; readonly error: ErrorData }
  | { readonly type: 'ended' };

/** An error as data: clones of errors lose their class and code. */
export interface ErrorData {
  readonly message: string;
  readonly code: string | undefined;
  readonly retriable: boolean;
  readonly stack: string | undefined;
}

export function errorData(error: unknown): ErrorData {
  const { message = String(error), code, retriable, stack } = (error ?? {}) as Partial<StreamsError>;
  return { message, code, retriable: retriable === true, stack };
}

export function errorOf({ message, code, retriable, stack }: ErrorData): StreamsError {
  const error = new StreamsError((code ?? 'STREAMS_WORKER') as StreamsErrorCode, message, { retriable });
  if (stack !== undefined) error.stack = stack;
  return error;
}
