import { findErrorBy } from '@platformatic/kafka';
import { SchemasError } from '../errors.ts';
import { agreeContracts } from './contracts.ts';
import type { EventProducer, ProducerOptions } from './event-producer.ts';
import { BrokerConnections, type ProducerIdentity } from './fast/broker-connections.ts';
import { FastProducer } from './fast/fast-producer.ts';

/**
 * A producer that cannot send what the registry has not agreed to: idempotent, acks = all, records written straight
 * into batches. Resolves when the registry has agreed to every schema and the brokers know every topic.
 *
 * @throws SchemasError SCHEMAS_INCOMPATIBLE, SCHEMAS_NOT_REGISTERED, SCHEMAS_PRODUCER_FAILED; RegistryError
 */
export async function createProducer(options: ProducerOptions): Promise<EventProducer> {
  const contracts = await agreeContracts(options);
  const connections = new BrokerConnections(options);
  try {
    await learnTopics(connections, [...contracts.keys()]);
    return new FastProducer({
      ...options,
      contracts,
      connections,
      identity: await learnIdentity(connections),
    });
  } catch (error) {
    await connections.close();
    if (error instanceof SchemasError) throw error;
    throw new SchemasError(
      'SCHEMAS_PRODUCER_FAILED',
      `no broker of ${options.brokers.join(', ')} could be used; check that they run and their addresses`,
      { cause: error, retriable: true },
    );
  }
}

const ATTEMPTS = 50;
const PAUSE_MS = 100;

/** A broker that has just started has no identities to give for a while. */
async function learnIdentity(connections: BrokerConnections): Promise<ProducerIdentity> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await connections.identity();
    } catch (error) {
      if (attempt === ATTEMPTS || findErrorBy(error as Error, 'canRetry', true) === null) throw error;
      await pause();
    }
  }
}

/** A topic that the broker makes at the first question takes a moment to have leaders. */
async function learnTopics(connections: BrokerConnections, topics: readonly string[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await connections.refresh(topics);
    const missing = topics.find(
      (topic) => connections.partitionCount(topic) === 0 || connections.leader(topic, 0) < 0,
    );
    if (missing === undefined) return;
    if (attempt === ATTEMPTS) {
      throw new SchemasError(
        'SCHEMAS_PRODUCER_FAILED',
        `topic "${missing}" does not exist and the broker does not make it; create it first`,
      );
    }
    await pause();
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
