import { CircuitState } from 'cockatiel';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What one sink tells of itself. */
export interface SinkMeter {
  rows(table: string, count: number): void;
  refused(table: string, count: number): void;
  failed(code: string): void;
  took(durationMs: number): void;
  circuit(state: CircuitState): void;
  /** Records that are there and not written yet. */
  lag(topic: string, partition: number, records: number): void;
}

/** Prometheus metrics of all sinks, by the sink's name. */
export function sinkMetrics(registry: Registry): (sink: string) => SinkMeter {
  const registers = [registry];
  const rows = new Counter({
    name: 'millrace_sink_rows_total',
    help: 'Rows written to a store, by table (of the lake: by topic).',
    labelNames: ['sink', 'table'],
    registers,
  });
  const refused = new Counter({
    name: 'millrace_sink_refused_rows_total',
    help: 'Rows that a store refused for good; they are in the dead-letter topic.',
    labelNames: ['sink', 'table'],
    registers,
  });
  const failures = new Counter({
    name: 'millrace_sink_failures_total',
    help: 'Calls to a store that failed, by the error; most are repeated.',
    labelNames: ['sink', 'code'],
    registers,
  });
  const circuit = new Gauge({
    name: 'millrace_sink_circuit',
    help: 'State of the circuit breaker: 0 closed, 1 open (the store is away), 2 half open (trying).',
    labelNames: ['sink'],
    registers,
  });
  const lag = new Gauge({
    name: 'millrace_sink_lag_records',
    help: 'Records that are there and not written to the store yet.',
    labelNames: ['sink', 'topic', 'partition'],
    registers,
  });
  const duration = new Histogram({
    name: 'millrace_sink_write_duration_seconds',
    help: 'How long calls to a store took that succeeded.',
    labelNames: ['sink'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  });
  return (sink) => {
    circuit.set({ sink }, CircuitState.Closed);
    return {
      rows: (table, count) => rows.inc({ sink, table }, count),
      refused: (table, count) => refused.inc({ sink, table }, count),
      failed: (code) => failures.inc({ sink, code }),
      took: (durationMs) => duration.observe({ sink }, durationMs / 1000),
      circuit: (state) => circuit.set({ sink }, state),
      lag: (topic, partition, records) => lag.set({ sink, topic, partition: String(partition) }, records),
    };
  };
}
