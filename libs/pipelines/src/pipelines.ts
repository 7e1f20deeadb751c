import type { PipelineDefinition } from '@millrace/streams';
import { webLogs } from './web-logs/pipeline.ts';

/** Every pipeline, in the order of their pages. */
export const pipelines: readonly PipelineDefinition[] = [webLogs];
