export { testPipeline } from './test-pipeline.ts';
export type { PipelineDriver, SetAsideRecord } from './test-pipeline.ts';
export type { TracedRow } from './collected-results.ts';
