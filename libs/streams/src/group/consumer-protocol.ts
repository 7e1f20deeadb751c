import { Reader, Writer } from '@platformatic/kafka';

/** What a member tells the group's leader when it joins. */
export interface Subscription {
  readonly topics: readonly string[];
  readonly userData: Buffer;
}

export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

const version = 1;

/**
 * The metadata of Kafka's own consumer protocol, so that its tools show topics and partitions of these groups too.
 * @see https://github.com/apache/kafka/blob/trunk/clients/src/main/resources/common/message/ConsumerProtocolSubscription.json
 */
export function encodeSubscription({ topics, userData }: Subscription): Buffer {
  return Writer.create()
    .appendInt16(version)
    .appendArray([...topics], (writer, topic) => writer.appendString(topic, false), false, false)
    .appendBytes(userData, false)
    .appendArray([], () => undefined, false, false).buffer;
}

export function decodeSubscription(bytes: Buffer): Subscription {
  const reader = Reader.from(bytes);
  reader.readInt16();
  return {
    topics: reader.readArray((r) => r.readString(false), false, false),
    userData: reader.readNullableBytes(false) ?? Buffer.alloc(0),
  };
}

/** @see https://github.com/apache/kafka/blob/trunk/clients/src/main/resources/common/message/ConsumerProtocolAssignment.json */
export function encodeAssignment(assigned: readonly TopicPartitions[], userData: Buffer): Buffer {
  return Writer.create()
    .appendInt16(version)
    .appendArray(
      [...assigned],
      (writer, { topic, partitions }) =>
        writer
          .appendString(topic, false)
          .appendArray([...partitions], (inner, partition) => inner.appendInt32(partition), false, false),
      false,
      false,
    )
    .appendBytes(userData, false).buffer;
}

export interface Assignment {
  readonly assigned: readonly TopicPartitions[];
  readonly userData: Buffer;
}

export function decodeAssignment(bytes: Buffer): Assignment {
  if (bytes.length === 0) return { assigned: [], userData: Buffer.alloc(0) };
  const reader = Reader.from(bytes);
  reader.readInt16();
  const assigned = reader.readArray(
    (r) => ({
      topic: r.readString(false),
      partitions: r.readArray((p) => p.readInt32(), false, false),
    }),
    false,
    false,
  );
  return { assigned, userData: reader.readNullableBytes(false) ?? Buffer.alloc(0) };
}
