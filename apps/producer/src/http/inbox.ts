import type { PipelineDefinition } from '@millrace/streams';
import { topicNames } from '@millrace/streams';
import {
  ContractError,
  createWriter,
  eventTimeField,
  type Registry,
  type TypedSchema,
} from '@millrace/schemas';
import type { OutgoingRecord } from '../transactional-sender.ts';

/** Events further ahead of this machine's clock than this are refused, where their pipeline sets no bound of its own. */
const MAX_FUTURE_MS = 5 * 60_000;
/** The field that names an event, where a schema has it: equal ids are one event. */
const ID_FIELD = 'event_id';

/** What is wrong with an event: the field, the rule that it breaks, and what to do. */
export interface EventFault {
  readonly name: string;
  readonly rule: string;
  readonly detail: string;
}

export type Checked =
  | { readonly record: OutgoingRecord; readonly id: string | undefined }
  | { readonly faults: readonly EventFault[]; readonly deadLetter: OutgoingRecord };

/** Checks an event for one topic and makes the record of it. */
export type CheckEvent = (event: unknown, nowMs: number) => Checked;

/** A check for each topic of the pipelines, once the registry has agreed to their schemas. */
export async function createInbox(
  pipelines: readonly PipelineDefinition[],
  { registry, autoRegister }: { registry: Registry; autoRegister: boolean },
): Promise<ReadonlyMap<string, CheckEvent>> {
  const inbox = new Map<string, CheckEvent>();
  for (const { name, sources } of pipelines) {
    for (const source of Object.values(sources)) {
      const { topic, maxFutureMs = MAX_FUTURE_MS, partitionedBy } = source;
      const schema = source.schema as TypedSchema;
      const writer = await createWriter({ registry, subject: `${topic}-value`, schema, autoRegister });
      const timeField = source.eventTime ?? eventTimeField(schema) ?? '';
      const defaults = schema.fields.filter((field) => field.default !== undefined);
      inbox.set(topic, (event, nowMs) => {
        const refuse = (faults: readonly EventFault[]): Checked => ({
          faults,
          deadLetter: {
            topic: topicNames.deadLetter(name),
            key: null,
            value: Buffer.from(JSON.stringify(event) ?? ''),
            headers: {
              code: 'PRODUCER_HTTP_EVENT',
              reason: faults.map(wordsOf).join('; '),
              source: `http:${topic}`,
            },
            timestampMs: nowMs,
          },
        });
        if (typeof event !== 'object' || event === null || Array.isArray(event))
          return refuse([{ name: '(event)', rule: 'type', detail: 'an event is a JSON object' }]);
        const given = event as Record<string, unknown>;
        const value = {
          ...Object.fromEntries(defaults.map((field) => [field.name, field.default])),
          ...given,
        };
        const timeMs = Number(value[timeField]);
        if (timeMs > nowMs + maxFutureMs)
          return refuse([
            {
              name: timeField,
              rule: 'future',
              detail: `${timeMs} is ${timeMs - nowMs} ms ahead of the server's clock, more than ${maxFutureMs}: send epoch milliseconds of a clock that is right`,
            },
          ]);
        try {
          const bytes = writer.write(value);
          const key = partitionedBy?.map((field) => String(value[field] ?? '')).join('|') ?? null;
          const id = value[ID_FIELD];
          const record: OutgoingRecord = { topic, key, value: bytes, timestampMs: timeMs };
          return { record, id: typeof id === 'string' ? id : undefined };
        } catch (error) {
          if (!(error instanceof ContractError)) throw error;
          return refuse(error.faults.map(({ path, rule, fix }) => ({ name: path, rule, detail: fix })));
        }
      });
    }
  }
  return inbox;
}

function wordsOf({ name, rule, detail }: EventFault): string {
  return `${name}, rule "${rule}": ${detail}`;
}
