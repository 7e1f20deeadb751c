import { join } from 'node:path';
import { ChildProgram } from '@millrace/embedded/testing';
import type { InstanceSettings } from './run.ts';

/** How many of its pipelines have all their tasks at work, have counted something, and have been refused a transaction. */
export interface InstancesStatus {
  readonly atWork: number;
  readonly counting: number;
  readonly recovered: number;
}

/** Instances of several pipelines in a process of their own. */
export const startInstances = (settings: readonly InstanceSettings[]) =>
  new ChildProgram<InstancesStatus>(join(import.meta.dirname, 'instances-process.ts'), settings);
