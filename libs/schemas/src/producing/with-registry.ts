import type { Message, Producer, ProducerRecord, RecordMetadata, Transaction } from 'kafkajs';
import {
  agreeContracts,
  contractOf,
  PLAIN_KEY_FAULT,
  plainKey,
  refused,
  type ContractOptions,
  type TopicContract,
} from './contracts.ts';

/** A kafkajs message before it is encoded. A null value is a tombstone. */
export interface ContractMessage<Value = unknown, Key = unknown> extends Omit<Message, 'key' | 'value'> {
  readonly key?: Key | null;
  readonly value: Value | null;
}

export interface ContractRecord extends Omit<ProducerRecord, 'messages'> {
  readonly messages: readonly ContractMessage[];
}

export interface ContractSender {
  /** All messages are checked before the first is sent. @throws ContractError for the first that its schema refuses */
  send(record: ContractRecord): Promise<RecordMetadata[]>;
  sendBatch(batch: {
    readonly topicMessages?: readonly ContractRecord[];
    readonly acks?: number;
  }): Promise<RecordMetadata[]>;
}

export interface ContractTransaction
  extends ContractSender, Pick<Transaction, 'abort' | 'commit' | 'isActive' | 'sendOffsets'> {}

export interface ContractProducer
  extends ContractSender, Omit<Producer, 'send' | 'sendBatch' | 'transaction'> {
  /** Agrees with the registry on every schema, then connects: an incompatible schema stops it here. */
  connect(): Promise<void>;
  transaction(): Promise<ContractTransaction>;
}

export interface WithRegistryOptions extends Omit<ContractOptions, 'schemas'> {
  /** Schemas of the values by topic. */
  readonly subjects: ContractOptions['schemas'];
}

/**
 * A kafkajs producer held to its topics' schemas: values (and keys, where they have a schema) go in as objects, are
 * checked, and leave in Confluent framing. Topics without a schema are refused.
 */
export function withRegistry(producer: Producer, options: WithRegistryOptions): ContractProducer {
  let agreed: Promise<ReadonlyMap<string, TopicContract>> | undefined;
  const contracts = () => {
    agreed ??= agreeContracts({ ...options, schemas: options.subjects });
    agreed.catch(() => (agreed = undefined));
    return agreed;
  };
  return {
    ...producer,
    ...sender(producer, contracts),
    async connect() {
      await contracts();
      await producer.connect();
    },
    async transaction() {
      const transaction = await producer.transaction();
      return {
        abort: () => transaction.abort(),
        commit: () => transaction.commit(),
        isActive: () => transaction.isActive(),
        sendOffsets: (offsets) => transaction.sendOffsets(offsets),
        ...sender(transaction, contracts),
      };
    },
  };
}

function sender(
  target: Pick<Producer, 'send' | 'sendBatch'>,
  contracts: () => Promise<ReadonlyMap<string, TopicContract>>,
): ContractSender {
  return {
    async send(record) {
      const contract = contractOf(await contracts(), record.topic);
      return target.send({ ...record, messages: encodeAll(contract, record.messages) });
    },
    async sendBatch({ topicMessages = [], ...rest }) {
      const known = await contracts();
      const encoded = topicMessages.map((record) => ({
        ...record,
        messages: encodeAll(contractOf(known, record.topic), record.messages),
      }));
      return target.sendBatch({ ...rest, topicMessages: encoded });
    },
  };
}

function encodeAll(contract: TopicContract, messages: readonly ContractMessage[]): Message[] {
  return messages.map((message, index) => ({
    ...message,
    key: encodeKey(contract, message.key, index),
    value: message.value === null ? null : encodePart(contract, contract.value, message.value, index),
  }));
}

function encodeKey(contract: TopicContract, key: unknown, index: number): Buffer | string | null {
  if (contract.key !== undefined) return encodePart(contract, contract.key, key, index);
  const plain = plainKey(key);
  if (plain === undefined) throw refused(contract, index, [PLAIN_KEY_FAULT]);
  return plain instanceof Uint8Array ? Buffer.from(plain) : plain;
}

function encodePart(
  contract: TopicContract,
  encoder: TopicContract['value'],
  value: unknown,
  index: number,
): Buffer {
  const end = encoder.encode(value);
  if (end < 0) throw refused(contract, index, encoder.faults(value));
  return Buffer.from(encoder.bytes.subarray(0, end));
}
