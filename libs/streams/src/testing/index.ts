export { testPipeline } from './test-pipeline.ts';
export type { PipelineDriver, SetAsideRecord } from './test-pipeline.ts';
