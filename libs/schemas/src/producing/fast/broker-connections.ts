/** Leaders of partitions and connections to them. */
import {
  ConnectionPool,
  initProducerIdV4,
  metadataV12,
  type API,
  type Broker,
  type ConnectionOptions,
} from '@platformatic/kafka';
import { SchemasError } from '../../errors.ts';

export interface BrokerOptions {
  /** `host:port` of some brokers, from which the others are learnt. */
  readonly brokers: readonly string[];
  readonly clientId?: string;
  readonly tls?: ConnectionOptions['tls'];
  readonly sasl?: ConnectionOptions['sasl'];
}

export interface ProducerIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

const REQUEST_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 5_000;

export class BrokerConnections {
  readonly #pool: ConnectionPool;
  readonly #bootstrap: readonly Broker[];
  readonly #brokers = new Map<number, Broker>();
  readonly #leaders = new Map<string, readonly number[]>();

  constructor({ brokers, clientId = 'millrace-producer', tls, sasl }: BrokerOptions) {
    this.#bootstrap = brokers.map(parseBroker);
    this.#pool = new ConnectionPool(clientId, {
      connectTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      maxInflights: 5,
      ...(tls !== undefined && { tls }),
      ...(sasl !== undefined && { sasl }),
    });
  }

  /** Asks for the topics' leaders; with `create`, a topic is made where the broker makes topics by itself. */
  async refresh(topics: readonly string[], { create = true }: { create?: boolean } = {}): Promise<void> {
    const known = [...this.#brokers.values(), ...this.#bootstrap];
    const connection = await this.#pool.getFirstAvailable(known);
    const answer = await metadataV12.api.async(connection, [...topics], create, false).catch(partialAnswer);
    this.#brokers.clear();
    for (const { nodeId, host, port } of answer.brokers) this.#brokers.set(nodeId, { host, port });
    for (const { name, partitions } of answer.topics) {
      if (name == null || partitions.length === 0) continue;
      const leaders = new Array<number>(partitions.length).fill(-1);
      for (const { partitionIndex, leaderId } of partitions) leaders[partitionIndex] = leaderId;
      this.#leaders.set(name, leaders);
    }
  }

  /** 0 for a topic that is not there (yet). */
  partitionCount(topic: string): number {
    return this.#leaders.get(topic)?.length ?? 0;
  }

  /** The leader's node id, −1 where there is none just now. */
  leader(topic: string, partition: number): number {
    const node = this.#leaders.get(topic)?.[partition] ?? -1;
    return this.#brokers.has(node) ? node : -1;
  }

  async send<Arguments extends unknown[], Answer>(
    node: number,
    api: API<Arguments, Answer>,
    ...args: Arguments
  ): Promise<Answer> {
    const broker = this.#brokers.get(node);
    if (broker === undefined) throw new Error(`broker ${node} is not known`);
    const connection = await this.#pool.get(broker);
    return api.async(connection, ...args);
  }

  /** A new identity for idempotent writes. */
  async identity(): Promise<ProducerIdentity> {
    const known = [...this.#brokers.values(), ...this.#bootstrap];
    const connection = await this.#pool.getFirstAvailable(known);
    const { producerId, producerEpoch } = await initProducerIdV4.api.async(
      connection,
      null,
      REQUEST_TIMEOUT_MS,
    );
    return { producerId: Number(producerId), producerEpoch };
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

type Metadata = Awaited<ReturnType<typeof metadataV12.api.async>>;

/** One missing topic makes the client throw; what it knows of the others comes with the error. */
function partialAnswer(error: unknown): Metadata {
  const { response } = error as { response?: Metadata };
  if (response?.topics === undefined) throw error;
  return response;
}

function parseBroker(address: string): Broker {
  const match = /^(.+):(\d{1,5})$/.exec(address);
  if (match === null) {
    throw new SchemasError('SCHEMAS_PRODUCER_FAILED', `"${address}" is not host:port, as in 127.0.0.1:9092`);
  }
  return { host: match[1] as string, port: Number(match[2]) };
}
