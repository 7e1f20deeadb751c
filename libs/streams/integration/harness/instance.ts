import { join } from 'node:path';
import { ChildProgram } from '@millrace/embedded/testing';

export interface InstanceStatus {
  readonly records: number;
  /** Tasks that run. */
  readonly running: number;
  readonly recoveries: number;
  /** Why it ended. */
  readonly failure?: { readonly code?: string; readonly message: string };
}

/** An instance of the clicks pipeline. */
export const startInstance = ({
  mostFileBytes,
  ...settings
}: {
  /** As if the disk were full beyond. */
  readonly mostFileBytes?: number;
  readonly name: string;
  readonly brokers: readonly string[];
  readonly instanceId?: string;
  readonly sessionTimeoutMs: number;
  readonly transactionTimeoutMs: number;
  readonly commitIntervalMs?: number;
  readonly stateDir?: string;
  readonly checkpointIntervalMs?: number;
  readonly maxStateBytes?: number;
  readonly standbys?: number;
  readonly windowMs?: number;
  readonly workers?: number;
}) =>
  new ChildProgram<InstanceStatus>(join(import.meta.dirname, 'instance-process.ts'), settings, {
    mostFileBytes,
  });
