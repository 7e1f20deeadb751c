import { findCoordinatorV4, listOffsetsV7, metadataV12 } from '@platformatic/kafka';
import type { API, Broker, ConnectionOptions } from '@platformatic/kafka';
import { StreamsError } from '../errors.ts';
import { brokerErrorOf, isTransient } from './broker-error.ts';
import { ReusedBuffers } from './reused-buffers.ts';
import type { WireConnection } from './wire-connection.ts';
import { WireConnections } from './wire-connections.ts';

export interface ClusterOptions {
  /** `host:port` of some brokers, from which the others are learnt. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly tls?: ConnectionOptions['tls'];
  readonly sasl?: ConnectionOptions['sasl'];
  readonly requestTimeoutMs?: number;
}

/** A broker answers the requests of one connection in turn, so what may block (a join) has connections of its own. */
export type Role = 'restore' | 'group' | 'heartbeat' | 'transaction' | 'produce' | 'admin';
export type CoordinatorKind = 'group' | 'transaction';

export interface TopicMetadata {
  readonly name: string;
  /** A topic that is deleted and made again under its name gets another one. */
  readonly id: string;
  /** Leaders' broker ids by partition; -1 where there is none. */
  readonly leaders: readonly number[];
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

const defaultTimeoutMs = 30_000;
/** A join waits for the other members, up to the rebalance timeout. */
const groupTimeoutMs = 120_000;
const coordinatorKinds: Record<CoordinatorKind, number> = { group: 0, transaction: 1 };

/** Connections to a cluster by role, and what is known about leaders and coordinators. */
export class Cluster {
  readonly #options: ClusterOptions;
  readonly #bootstrap: readonly Broker[];
  readonly #connections = new Map<Role, WireConnections>();
  readonly #brokers = new Map<number, Broker>();
  readonly #topics = new Map<string, TopicMetadata>();
  readonly #coordinators = new Map<string, Broker>();
  #closed = false;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.#bootstrap = options.brokers.map(parseBroker);
  }

  /**
   * Sends one request to a broker; a connection that failed is opened anew by the next call. Bytes in its parts must stay as they
   * are until it is answered.
   */
  async send<Arguments extends unknown[], Response>(
    role: Role,
    broker: Broker,
    api: API<Arguments, Response>,
    ...args: Arguments
  ): Promise<Response> {
    const connection = await this.#of(role).to(broker);
    return connection.call(api, ...args);
  }

  /** Sends one request to any broker. */
  async sendAny<Arguments extends unknown[], Response>(
    api: API<Arguments, Response>,
    ...args: Arguments
  ): Promise<Response> {
    const connection = await this.#firstAvailable();
    return connection.call(api, ...args);
  }

  async #firstAvailable(): Promise<WireConnection> {
    let failure: unknown;
    for (const broker of [...this.#brokers.values(), ...this.#bootstrap])
      try {
        return await this.#of('admin').to(broker);
      } catch (error) {
        failure = error;
        if (!isTransient(error)) break;
      }
    throw failure;
  }

  /** Sends to the coordinator of a group or transactional id; forgets it when it says it is not, or is away. */
  async sendToCoordinator<Arguments extends unknown[], Response>(
    to: { readonly kind: CoordinatorKind; readonly key: string; readonly role: Role },
    api: API<Arguments, Response>,
    ...args: Arguments
  ): Promise<Response> {
    const id = `${to.kind}:${to.key}`;
    let broker = this.#coordinators.get(id);
    if (broker === undefined) {
      const { coordinators } = await this.sendAny(findCoordinatorV4.api, coordinatorKinds[to.kind], [to.key]);
      const found = coordinators[0];
      if (found === undefined || found.errorCode !== 0 || found.port < 0)
        throw new StreamsError('STREAMS_BROKER', `there is no coordinator for ${id} yet`, {
          retriable: true,
        });
      broker = { host: found.host, port: found.port };
      this.#coordinators.set(id, broker);
    }
    try {
      return await this.send(to.role, broker, api, ...args);
    } catch (error) {
      const code = brokerErrorOf(error);
      if (code === 'NOT_COORDINATOR' || code === 'COORDINATOR_NOT_AVAILABLE' || code === undefined)
        this.#coordinators.delete(id);
      throw error;
    }
  }

  /** Asks for topics; those that do not exist are left out. */
  async describeTopics(names: readonly string[]): Promise<Map<string, TopicMetadata>> {
    const found = new Map<string, TopicMetadata>();
    if (names.length === 0) return found;
    const response = await this.sendAny(metadataV12.api, [...names], false, false).catch((error: unknown) => {
      // One missing topic makes the client throw; the others are in the response that comes with the error.
      const { response: partial } = error as { response?: Awaited<ReturnType<typeof metadataV12.api.async>> };
      if (brokerErrorOf(error) === undefined || partial === undefined) throw error;
      return partial;
    });
    for (const { nodeId, host, port } of response.brokers) this.#brokers.set(nodeId, { host, port });
    for (const { name, topicId, errorCode, partitions } of response.topics) {
      if (name == null || (errorCode !== 0 && partitions.length === 0)) continue;
      const leaders = new Array<number>(partitions.length).fill(-1);
      for (const { partitionIndex, leaderId } of partitions) leaders[partitionIndex] = leaderId;
      const topic = { name, id: topicId, leaders };
      found.set(name, topic);
      this.#topics.set(name, topic);
    }
    return found;
  }

  /** The broker that leads a partition. @throws STREAMS_BROKER (retriable) when there is none just now */
  async leaderOf({ topic, partition }: TopicPartition): Promise<Broker> {
    const known = this.#leader(topic, partition);
    if (known !== undefined) return known;
    await this.describeTopics([topic]);
    const leader = this.#leader(topic, partition);
    if (leader === undefined)
      throw new StreamsError('STREAMS_BROKER', `partition ${partition} of topic "${topic}" has no leader`, {
        retriable: true,
      });
    return leader;
  }

  #leader(topic: string, partition: number): Broker | undefined {
    return this.#brokers.get(this.#topics.get(topic)?.leaders[partition] ?? -1);
  }

  /** Makes the next `leaderOf` ask again. */
  forgetLeaders(): void {
    this.#topics.clear();
  }

  /** Offsets by time: -1 the end, -2 the start, else the first record at or after it (-1 in the answer when there is none). */
  async listOffsets(
    partitions: readonly TopicPartition[],
    timestampMs: number,
    isolation: 'committed' | 'uncommitted',
  ): Promise<number[]> {
    return Promise.all(
      partitions.map(async ({ topic, partition }) => {
        const leader = await this.leaderOf({ topic, partition });
        try {
          const { topics } = await this.send(
            'admin',
            leader,
            listOffsetsV7.api,
            -1,
            isolation === 'committed' ? 1 : 0,
            [
              {
                name: topic,
                partitions: [
                  { partitionIndex: partition, currentLeaderEpoch: -1, timestamp: BigInt(timestampMs) },
                ],
              },
            ],
          );
          return Number(topics[0]?.partitions[0]?.offset ?? -1n);
        } catch (error) {
          this.forgetLeaders();
          throw error;
        }
      }),
    );
  }

  /** Connections of the caller's own; to be closed by it. */
  wireConnections(requestTimeoutMs = this.#options.requestTimeoutMs ?? defaultTimeoutMs): WireConnections {
    const { clientId, tls, sasl } = this.#options;
    return new WireConnections({ clientId, tls, sasl, requestTimeoutMs, buffers: new ReusedBuffers() });
  }

  close(): void {
    this.#closed = true;
    for (const connections of this.#connections.values()) connections.close();
  }

  #of(role: Role): WireConnections {
    if (this.#closed) throw new StreamsError('STREAMS_STOPPED', 'the connections are closed');
    let connections = this.#connections.get(role);
    if (connections === undefined) {
      connections = role === 'group' ? this.wireConnections(groupTimeoutMs) : this.wireConnections();
      this.#connections.set(role, connections);
    }
    return connections;
  }
}

function parseBroker(address: string): Broker {
  const at = address.lastIndexOf(':');
  const port = Number(address.slice(at + 1));
  if (at <= 0 || !Number.isInteger(port) || port < 1 || port > 65_535)
    throw new StreamsError('STREAMS_BROKER', `"${address}" is not host:port, e.g. 127.0.0.1:9092`);
  return { host: address.slice(0, at), port };
}
