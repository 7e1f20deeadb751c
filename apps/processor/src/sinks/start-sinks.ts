import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { connectRegistry, createDecoder } from '@millrace/schemas';
import { openStorage, type Row, type StorageAdapter, StorageError } from '@millrace/storage';
import { type PipelineDefinition, topicNames } from '@millrace/streams';
import type { Kafka } from 'kafkajs';
import { type ProcessorConfig, SERVING } from '../config.ts';
import { deadLetterRows } from './dead-letter-rows.ts';
import { ResultsSink } from './results-sink.ts';
import type { SinkMeter } from './sink-metrics.ts';
import { StoreCalls } from './store-calls.ts';
import { resultTables, sinkNames } from './tables.ts';

export interface StartSinksOptions {
  readonly config: ProcessorConfig;
  readonly kafka: Kafka;
  readonly meter: (sink: string) => SinkMeter;
  readonly log: (line: string) => void;
}

/**
 * Starts a sink for each pipeline and each store that its views name and that is configured. A store that does not answer yet
 * makes its own sinks wait.
 * @throws StorageError for an address or credentials that waiting does not make right
 */
export async function startSinks(options: StartSinksOptions): Promise<{ stop(): Promise<void> }> {
  const { config, log } = options;
  const stopping = new AbortController();
  const names = new Set(config.pipelines.flatMap(sinkNames));
  for (const name of names) {
    if (config.stores[name] === undefined)
      log(`no store for the sink "${name}": set STORAGE_URL_${name.toUpperCase()} to have one`);
  }
  const running = [...names]
    .flatMap((name) => (config.stores[name] === undefined ? [] : [{ name, url: config.stores[name] }]))
    .map((store) => startStore(store, options, stopping.signal));
  const stop = async () => {
    stopping.abort();
    await Promise.all(running.map(async (store) => (await store).stop()));
  };
  try {
    await Promise.all(running);
  } catch (error) {
    stopping.abort();
    await Promise.allSettled(running.map(async (store) => (await store).stop()));
    throw error;
  }
  return { stop };
}

/** Opens one store and starts its sinks; in the background if it does not answer at once. */
async function startStore(
  { name, url }: { name: string; url: string },
  options: StartSinksOptions,
  signal: AbortSignal,
): Promise<{ stop(): Promise<void> }> {
  if (url.startsWith('sqlite:')) mkdirSync(dirname(url.slice('sqlite:'.length)), { recursive: true });
  const meter = options.meter(name);
  const begin = (storage: StorageAdapter) => {
    const sinks = options.config.pipelines
      .filter((definition) => sinkNames(definition).includes(name))
      .map((definition) => startSink({ ...options, definition, storage, name, meter }));
    return async () => {
      await Promise.all(sinks.map((sink) => sink.stop()));
      await storage.close();
    };
  };
  try {
    return { stop: begin(await openStorage(url)) };
  } catch (error) {
    if (!(error instanceof StorageError && error.retriable)) throw error;
    options.log(`${error.message} Sink "${name}" waits for it.`);
  }
  const calls = new StoreCalls({ store: `the store of "${name}"`, log: options.log, signal, meter });
  let stop = async () => {};
  const opening = calls.untilDone(`opening the store of "${name}"`, async () => {
    const storage = await openStorage(url);
    if (signal.aborted) return storage.close();
    stop = begin(storage);
  });
  return { stop: () => opening.then(() => stop()) };
}

interface StartSink extends Omit<StartSinksOptions, 'meter'> {
  readonly definition: PipelineDefinition;
  readonly storage: StorageAdapter;
  readonly name: string;
  readonly meter: SinkMeter;
}

function startSink({ definition, storage, name, meter, kafka, config, log }: StartSink): ResultsSink {
  const decoder = createDecoder<Row>({ registry: connectRegistry({ url: config.registryUrl }) });
  const sink = new ResultsSink({
    kafka,
    storage,
    tables: resultTables(definition, name),
    groupId: `${definition.name}.sink.${name === SERVING ? storage.name : name}`,
    decode: (value) => decoder.decode(value),
    refuse: deadLetterRows({ kafka, topic: topicNames.deadLetter(definition.name) }),
    log: (line) => log(`${definition.name}: ${line}`),
    meter,
  });
  sink.start();
  return sink;
}
