import { ByteReader } from '../protocol/byte-reader.ts';
import { ByteWriter } from '../protocol/byte-writer.ts';
import { decode, encode } from '../protocol/codec.ts';
import { f, list, type Decoded, type Encodable, type Fields } from '../protocol/schema.ts';

/** The records of `__consumer_offsets`, as Apache Kafka writes them. */
const OFFSET_KEY_VERSION = 1;
const OFFSET_VALUE_VERSION = 3;
const GROUP_KEY_VERSION = 2;
const GROUP_VALUE_VERSION = 3;

const offsetKey = { group: f('string'), topic: f('string'), partition: f('int32') };
const offsetValue = {
  offset: f('int64'),
  leaderEpoch: f('int32', { from: 3, default: -1 }),
  metadata: f('string'),
  commitTimestamp: f('int64'),
  expireTimestamp: f('int64', { from: 1, to: 1, default: -1 }),
};
const groupKey = { group: f('string') };
const groupValue = {
  protocolType: f('string'),
  generation: f('int32'),
  protocol: f('string?'),
  leader: f('string?'),
  currentStateTimestamp: f('int64', { from: 2, default: -1 }),
  members: list({
    memberId: f('string'),
    groupInstanceId: f('string?', { from: 3, default: null }),
    clientId: f('string'),
    clientHost: f('string'),
    rebalanceTimeout: f('int32', { from: 1, default: -1 }),
    sessionTimeout: f('int32'),
    subscription: f('bytes'),
    assignment: f('bytes'),
  }),
};

export type OffsetKey = Decoded<typeof offsetKey>;
export type OffsetValue = Decoded<typeof offsetValue>;
export type GroupValue = Decoded<typeof groupValue>;

export type GroupKey =
  ({ readonly kind: 'offset' } & OffsetKey) | { readonly kind: 'group'; readonly group: string };

export function encodeOffsetKey(key: OffsetKey): Buffer {
  return versioned(offsetKey, key, OFFSET_KEY_VERSION);
}

export function encodeOffsetValue(value: Omit<OffsetValue, 'expireTimestamp'>): Buffer {
  return versioned(offsetValue, value, OFFSET_VALUE_VERSION);
}

export function encodeGroupKey(group: string): Buffer {
  return versioned(groupKey, { group }, GROUP_KEY_VERSION);
}

export function encodeGroupValue(value: Encodable<typeof groupValue>): Buffer {
  return versioned(groupValue, value, GROUP_VALUE_VERSION);
}

/** What a record is about; undefined for kinds of records that are not kept here. */
export function decodeGroupKey(bytes: Buffer): GroupKey | undefined {
  const reader = new ByteReader(bytes);
  const version = reader.int16();
  const form = { version, flexible: false };
  if (version <= OFFSET_KEY_VERSION) return { kind: 'offset', ...decode(offsetKey, reader, form) };
  if (version === GROUP_KEY_VERSION) return { kind: 'group', ...decode(groupKey, reader, form) };
  return undefined;
}

export function decodeOffsetValue(bytes: Buffer): OffsetValue {
  const reader = new ByteReader(bytes);
  return decode(offsetValue, reader, { version: reader.int16(), flexible: false });
}

export function decodeGroupValue(bytes: Buffer): GroupValue {
  const reader = new ByteReader(bytes);
  return decode(groupValue, reader, { version: reader.int16(), flexible: false });
}

function versioned<S extends Fields>(fields: S, value: Encodable<S>, version: number): Buffer {
  const writer = new ByteWriter(64);
  writer.int16(version);
  encode(fields, value, { writer, version, flexible: false });
  return Buffer.concat(writer.finish());
}
