import type { PipelineDefinition } from '@millrace/streams';
import { clickstream } from './clickstream/pipeline.ts';
import { userActivity } from './user-activity/pipeline.ts';
import { userIngestion } from './user-ingestion/pipeline.ts';
import { weatherEnergy } from './weather-energy/pipeline.ts';
import { webLogs } from './web-logs/pipeline.ts';

/** Every pipeline, in the order of their pages. */
export const pipelines: readonly PipelineDefinition[] = [
  webLogs,
  userIngestion,
  weatherEnergy,
  clickstream,
  userActivity,
];
