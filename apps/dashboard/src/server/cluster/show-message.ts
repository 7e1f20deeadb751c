import { createDecoder, frameId, piiFields, type Registry, type TypedSchema } from '@millrace/schemas';
import type { TopicMessage } from '@millrace/views';
import { DashboardError } from '../errors.ts';
import type { PartitionRecord } from './messages.ts';
import { askRegistry } from './subjects.ts';

/** Shown of a key, a header, or a value that is not Avro. */
const MAX_SHOWN_CHARS = 300;
/** Shown of an Avro value as JSON. */
const MAX_JSON_CHARS = 20_000;
/** Stands for what identifies a person. */
export const MASK = '•••';

/**
 * Turns records into what a page shows: Avro by the schema that it was written with, its personal fields masked.
 * The function throws DASHBOARD_REGISTRY, which is retriable, while the registry does not answer.
 */
export function messageShower(registry: Registry): (record: PartitionRecord) => Promise<TopicMessage> {
  const decoder = createDecoder<Record<string, unknown>>({ registry });
  const personal = new Map<number, readonly string[]>();

  /** Undefined for a schema that there is not. */
  async function personalFields(id: number): Promise<readonly string[] | undefined> {
    const known = personal.get(id);
    if (known !== undefined) return known;
    const found = await registry.byId(id);
    if (found === undefined) return undefined;
    const schema = JSON.parse(found.schema) as Partial<TypedSchema>;
    const fields = schema.fields === undefined ? [] : piiFields(schema as TypedSchema);
    personal.set(id, fields);
    return fields;
  }

  return async ({ partition, offset, timestampMs, key, value, headers }) => {
    const base = {
      partition,
      offset,
      timestampMs,
      key: key === null ? null : textOf(key).text,
      headers: Object.fromEntries(headers.map(([name, text]) => [name, text.slice(0, MAX_SHOWN_CHARS)])),
    };
    if (value === null) return { ...base, value: null, form: 'tombstone' };
    const schemaId = frameId(value, 0, value.length);
    if (schemaId < 0) return { ...base, ...plain(value) };
    try {
      const fields = await askRegistry(() => personalFields(schemaId));
      if (fields === undefined) return { ...base, ...plain(value) };
      const row = await decoder.decode(value);
      return {
        ...base,
        key: maskedKey(base.key, row, fields),
        value: json(row, fields),
        form: 'avro',
        schemaId,
      };
    } catch (cause) {
      if (cause instanceof DashboardError) throw cause;
      // Not what its first bytes say: shown as the bytes that it is.
      return { ...base, ...plain(value) };
    }
  };
}

/** A key that is one of the personal values, or holds one, says as much as the value does. */
function maskedKey(
  key: string | null,
  row: Record<string, unknown>,
  fields: readonly string[],
): string | null {
  if (key === null) return null;
  const tells = fields.some((name) => {
    const value = row[name];
    return value != null && value !== '' && key.includes(String(value));
  });
  return tells ? MASK : key;
}

function json(row: unknown, fields: readonly string[]): string {
  const masked =
    typeof row === 'object' && row !== null && fields.length > 0
      ? Object.fromEntries(
          Object.entries(row).map(([name, value]) => [
            name,
            value !== null && fields.includes(name) ? MASK : value,
          ]),
        )
      : row;
  const text = JSON.stringify(masked, (_name, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  return text.length > MAX_JSON_CHARS ? `${text.slice(0, MAX_JSON_CHARS)}…` : text;
}

function plain(bytes: Buffer): Pick<TopicMessage, 'value' | 'form'> {
  const { text, isText } = textOf(bytes);
  return { value: text, form: isText ? 'text' : 'bytes' };
}

function textOf(bytes: Buffer): { text: string; isText: boolean } {
  const beginning = bytes.subarray(0, MAX_SHOWN_CHARS);
  const text = beginning.toString('utf8');
  const more = bytes.length > beginning.length ? '…' : '';
  // A character may be cut at the end of the beginning.
  const isText = !/[\u0000-\u0008\u000e-\u001f]|\ufffd(?!$)/.test(text);
  return isText ? { text: text + more, isText } : { text: beginning.toString('hex') + more, isText };
}
