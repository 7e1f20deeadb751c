import type { RunningPipeline } from '@millrace/streams';
import { pipelineMetrics } from '@millrace/streams/metrics';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { type SinkMeter, sinkMetrics } from './sinks/sink-metrics.ts';

export interface ProcessorMetrics {
  readonly registry: Registry;
  /** Of a sink by its name. */
  readonly sink: (name: string) => SinkMeter;
}

/** Prometheus metrics of the running pipelines, read when they are asked for. */
export function processorMetrics(pipelines: readonly RunningPipeline[]): ProcessorMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  pipelineMetrics(registry, pipelines);
  return { registry, sink: sinkMetrics(registry) };
}
