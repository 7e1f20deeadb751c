export { pipelineMetrics } from './pipeline-metrics.ts';
