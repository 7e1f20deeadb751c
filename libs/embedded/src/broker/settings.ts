import type { TlsOptions } from 'node:tls';
import type { Clock } from './clock.ts';

export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER';

export interface SaslOptions {
  /** Passwords by user name. */
  readonly users: Readonly<Record<string, string>>;
  /** Default: those by passwords. `OAUTHBEARER` takes unsecured tokens, which anybody can write, for whoever they name. */
  readonly mechanisms?: readonly SaslMechanism[];
  /** A client has to log in again within this time, as Apache Kafka's `connections.max.reauth.ms`; default: never. */
  readonly maxReauthMs?: number;
}

/** When bytes go from the operating system's memory to the disk itself: matters only if the machine fails. */
export type Fsync = 'never' | 'always' | { readonly everyMs: number };

export interface KafkaOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** The address to listen on, default 127.0.0.1. */
  readonly host?: string;
  /** The address that clients are told to connect to; default: `host`, or 127.0.0.1 if that means all addresses. */
  readonly advertisedHost?: string;
  /** The port that clients are told to connect to, where something stands in between; default: the broker's own. */
  readonly advertisedPort?: number;
  /** Where topics are kept. Absent: in memory, and gone when the broker stops. */
  readonly dataDir?: string;
  /** Partitions of topics that are created without saying how many; default 1. */
  readonly defaultPartitions?: number;
  /** Whether asking for an unknown topic creates it; default true, as with Apache Kafka. */
  readonly autoCreateTopics?: boolean;
  /** Default `never`: acknowledged means written, which survives the death of the process but not of the machine. */
  readonly fsync?: Fsync;
  /** Default: the system's. See `manualClock`. */
  readonly clock?: Clock;
  /** If given, clients have to log in. */
  readonly sasl?: SaslOptions;
  /** If given, the broker speaks TLS only: certificate, key and so on, as for `tls.createServer`. */
  readonly tls?: TlsOptions;
  /** Defaults of topic settings, such as `{ 'retention.ms': '3600000' }`. */
  readonly topicDefaults?: Readonly<Record<string, string>>;
  /** How long the first members of a group wait for others, default 0 (Apache Kafka: 3000). */
  readonly groupInitialRebalanceDelayMs?: number;
  /** The shortest session timeout a member may ask for, default 6000. */
  readonly minSessionTimeoutMs?: number;
  /** How often retention, compaction and expiry are looked after, by the broker's clock; default 10,000. */
  readonly housekeepingMs?: number;
  /** Told of errors inside the broker; default: they go to `process.emitWarning`. */
  readonly onError?: (error: unknown, where: string) => void;
}

/** The options with their defaults filled in. */
export interface BrokerSettings {
  readonly dataDir: string | undefined;
  readonly defaultPartitions: number;
  readonly autoCreateTopics: boolean;
  readonly fsync: Fsync;
  readonly sasl: SaslOptions | undefined;
  readonly topicDefaults: Readonly<Record<string, string>>;
  readonly groupInitialRebalanceDelayMs: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  readonly housekeepingMs: number;
  readonly onError: (error: unknown, where: string) => void;
}

/** A tenth of Apache Kafka's, so that retention and compaction show on a laptop too. */
const SEGMENT_BYTES = 64 * 1024 * 1024;
const DAY_MS = 86_400_000;
/** Kafka's `offsets.retention.minutes` and `transactional.id.expiration.ms`. */
export const OFFSETS_RETENTION_MS = 7 * DAY_MS;
export const TRANSACTIONAL_ID_EXPIRY_MS = 7 * DAY_MS;
/** Kafka's `producer.id.expiration.ms`. */
export const PRODUCER_EXPIRY_MS = DAY_MS;

export function settingsFrom(options: KafkaOptions): BrokerSettings {
  return {
    dataDir: options.dataDir,
    defaultPartitions: options.defaultPartitions ?? 1,
    autoCreateTopics: options.autoCreateTopics ?? true,
    fsync: options.fsync ?? 'never',
    sasl: options.sasl,
    topicDefaults: { 'segment.bytes': String(SEGMENT_BYTES), ...options.topicDefaults },
    groupInitialRebalanceDelayMs: options.groupInitialRebalanceDelayMs ?? 0,
    minSessionTimeoutMs: options.minSessionTimeoutMs ?? 6_000,
    maxSessionTimeoutMs: 1_800_000,
    housekeepingMs: options.housekeepingMs ?? 10_000,
    onError:
      options.onError ??
      ((error, where) =>
        process.emitWarning(`Embedded Kafka, ${where}: ${String(error)}`, 'EmbeddedKafkaWarning')),
  };
}
