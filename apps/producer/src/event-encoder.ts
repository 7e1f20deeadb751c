import { topicNames, type PipelineDefinition } from '@millrace/streams';
import { createWriter, eventTimeField, type Registry, type TypedSchema } from '@millrace/schemas';
import type { FeedEvent, FeedItem, Refusal } from './feeds/feed.ts';
import { stateRecord } from './source-state.ts';
import type { OutgoingRecord } from './transactional-sender.ts';

export interface EventEncoderOptions {
  readonly pipeline: PipelineDefinition;
  readonly registry: Registry;
  readonly autoRegister: boolean;
}

export interface Encoding {
  /** Stands in the headers of dead letters. */
  readonly sourceName: string;
  readonly nowMs: number;
}

/** What a feed's items are written as; a value that its schema refuses becomes a dead letter. */
export type EventEncoder = (item: FeedItem, encoding: Encoding) => OutgoingRecord;

interface Target {
  readonly topic: string;
  readonly timeField: string;
  readonly write: (value: Record<string, unknown>) => Buffer;
}

/**
 * An encoder of a pipeline's events, once the registry has agreed to the schemas of all its topics.
 * @throws SchemasError SCHEMAS_NOT_REGISTERED, SCHEMAS_INCOMPATIBLE; RegistryError
 */
export async function createEventEncoder({
  pipeline,
  registry,
  autoRegister,
}: EventEncoderOptions): Promise<EventEncoder> {
  const targets = new Map<string, Target>();
  for (const [name, { topic, schema, eventTime }] of Object.entries(pipeline.sources)) {
    const typed = schema as TypedSchema;
    const { write } = await createWriter({
      registry,
      subject: `${topic}-value`,
      schema: typed,
      autoRegister,
    });
    targets.set(name, { topic, timeField: eventTime ?? eventTimeField(typed) ?? '', write });
  }
  const refuse = ({ code, reason, original }: Refusal, { sourceName, nowMs }: Encoding): OutgoingRecord => ({
    topic: topicNames.deadLetter(pipeline.name),
    key: null,
    value: original,
    headers: { code, reason, source: sourceName },
    timestampMs: nowMs,
  });

  return (item, encoding) => {
    if ('reason' in item) return refuse(item, encoding);
    if ('stateKey' in item) return stateRecord(pipeline.name, item, encoding);
    const target = targets.get(item.source);
    if (target === undefined) throw new Error(`${pipeline.name} has no source "${item.source}"`);
    try {
      const fields = item.value as Record<string, unknown>;
      const value = target.write(fields);
      return { topic: target.topic, key: item.key, value, timestampMs: Number(fields[target.timeField]) };
    } catch (error) {
      const { code = 'PRODUCER_EVENT', message } = error as Error & { code?: string };
      return refuse({ code, reason: message, original: originalOf(item) }, encoding);
    }
  };
}

function originalOf({ original, value }: FeedEvent): Buffer {
  return original ?? Buffer.from(JSON.stringify(value));
}
