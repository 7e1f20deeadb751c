import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from './clock.ts';
import { GroupOffsets } from './groups/group-offsets.ts';
import { GroupStore } from './groups/group-store.ts';
import { Membership } from './groups/membership.ts';
import { Rebalance } from './groups/rebalance.ts';
import { writeWhole } from './log/file-store.ts';
import { KeyedLog } from './log/keyed-log.ts';
import type { BrokerSettings } from './settings.ts';
import { OFFSETS_TOPIC, TRANSACTIONS_TOPIC, TopicStore, type Topic } from './topics/topic-store.ts';
import { TransactionCoordinator } from './transactions/transaction-coordinator.ts';
import { Credentials } from './network/sasl/credentials.ts';

/** The one broker of the cluster. */
export const NODE_ID = 1;
/** Producer ids are reserved in runs of this length, so that not each one costs a write. */
const PRODUCER_ID_RUN = 1000;

/** Settings of the topics in which the broker keeps its own state. */
const STATE_TOPIC = { 'cleanup.policy': 'compact', 'segment.bytes': String(4 * 1024 * 1024) };

interface Identity {
  clusterId: string;
  nextProducerId: number;
}

/** The broker's parts, without its network. */
export class Broker {
  readonly settings: BrokerSettings;
  readonly clock: Clock;
  readonly topics: TopicStore;
  readonly groups: GroupStore;
  readonly membership: Membership;
  readonly offsets: GroupOffsets;
  readonly transactions: TransactionCoordinator;
  readonly credentials: Credentials;
  /** The address that clients are told; set once the listener has its port. */
  host = '';
  port = 0;
  #identity: Identity;
  #nextProducerId = 0;

  constructor(settings: BrokerSettings, clock: Clock) {
    this.settings = settings;
    this.clock = clock;
    const now = () => clock.now();
    this.#identity = this.#loadIdentity();
    this.#nextProducerId = this.#identity.nextProducerId;
    this.topics = new TopicStore({
      ...(settings.dataDir !== undefined && { folder: join(settings.dataDir, 'topics') }),
      now,
      fsyncAlways: settings.fsync === 'always',
      defaults: settings.topicDefaults,
    });
    this.groups = new GroupStore(new KeyedLog(this.#stateTopic(OFFSETS_TOPIC).partitions[0]!, now), now);
    const rebalance = new Rebalance({
      store: this.groups,
      clock,
      initialDelayMs: settings.groupInitialRebalanceDelayMs,
    });
    this.membership = new Membership({ store: this.groups, clock, rebalance, limits: settings });
    this.offsets = new GroupOffsets({
      store: this.groups,
      membership: this.membership,
      topics: this.topics,
      now,
    });
    this.transactions = new TransactionCoordinator({
      log: new KeyedLog(this.#stateTopic(TRANSACTIONS_TOPIC).partitions[0]!, now),
      topics: this.topics,
      groups: this.groups,
      clock,
      nextProducerId: () => this.#takeProducerId(),
    });
    this.credentials = new Credentials(settings.sasl?.users ?? {});
  }

  get clusterId(): string {
    return this.#identity.clusterId;
  }

  /** The topic, made with the broker's defaults if that is allowed and it does not exist. */
  topicForUse(name: string, mayCreate: boolean): Topic | undefined {
    const known = this.topics.get(name);
    if (known !== undefined || !mayCreate || !this.settings.autoCreateTopics) return known;
    return this.topics.create(name, this.settings.defaultPartitions);
  }

  close(): void {
    this.topics.close();
  }

  #stateTopic(name: string): Topic {
    return this.topics.get(name) ?? this.topics.create(name, 1, STATE_TOPIC);
  }

  #loadIdentity(): Identity {
    const file = this.#identityFile;
    if (file !== undefined && existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Identity;
    const identity = { clusterId: randomBytes(16).toString('base64url'), nextProducerId: 0 };
    if (file !== undefined) writeWhole(file, JSON.stringify(identity));
    return identity;
  }

  get #identityFile(): string | undefined {
    return this.settings.dataDir === undefined ? undefined : join(this.settings.dataDir, 'broker.json');
  }

  #takeProducerId(): number {
    if (this.#nextProducerId >= this.#identity.nextProducerId) {
      this.#identity.nextProducerId = this.#nextProducerId + PRODUCER_ID_RUN;
      if (this.#identityFile !== undefined) writeWhole(this.#identityFile, JSON.stringify(this.#identity));
    }
    return this.#nextProducerId++;
  }
}
