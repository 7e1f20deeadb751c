import type { LogConfig } from '../log/partition-log.ts';

type Kind = 'int' | 'long' | 'double' | 'boolean' | 'list' | 'string';

interface Setting {
  readonly kind: Kind;
  readonly fallback: string;
  /** The least value of a number; the values that are allowed of a string or list. */
  readonly least?: number;
  readonly allowed?: readonly string[];
}

const LONGEST = '9223372036854775807';
const CODECS = ['producer', 'uncompressed', 'none', 'gzip', 'snappy', 'lz4', 'zstd'];

/**
 * The settings of a topic that are known, with the defaults of Apache Kafka 4.1. Those that steer replication or remote
 * storage are kept and shown, and change nothing here.
 * @see https://kafka.apache.org/documentation/#topicconfigs
 */
export const TOPIC_SETTINGS: Readonly<Record<string, Setting>> = {
  'cleanup.policy': { kind: 'list', fallback: 'delete', allowed: ['delete', 'compact'] },
  'compression.type': { kind: 'string', fallback: 'producer', allowed: CODECS },
  'delete.retention.ms': { kind: 'long', fallback: '86400000', least: 0 },
  'file.delete.delay.ms': { kind: 'long', fallback: '60000', least: 0 },
  'flush.messages': { kind: 'long', fallback: LONGEST, least: 1 },
  'flush.ms': { kind: 'long', fallback: LONGEST, least: 0 },
  'index.interval.bytes': { kind: 'int', fallback: '4096', least: 0 },
  'max.compaction.lag.ms': { kind: 'long', fallback: LONGEST, least: 1 },
  'max.message.bytes': { kind: 'int', fallback: '1048588', least: 0 },
  'message.timestamp.after.max.ms': { kind: 'long', fallback: '3600000', least: 0 },
  'message.timestamp.before.max.ms': { kind: 'long', fallback: LONGEST, least: 0 },
  'message.timestamp.type': {
    kind: 'string',
    fallback: 'CreateTime',
    allowed: ['CreateTime', 'LogAppendTime'],
  },
  'min.cleanable.dirty.ratio': { kind: 'double', fallback: '0.5', least: 0 },
  'min.compaction.lag.ms': { kind: 'long', fallback: '0', least: 0 },
  'min.insync.replicas': { kind: 'int', fallback: '1', least: 1 },
  preallocate: { kind: 'boolean', fallback: 'false' },
  'retention.bytes': { kind: 'long', fallback: '-1', least: -1 },
  'retention.ms': { kind: 'long', fallback: '604800000', least: -1 },
  'segment.bytes': { kind: 'int', fallback: '1073741824', least: 14 },
  'segment.index.bytes': { kind: 'int', fallback: '10485760', least: 4 },
  'segment.jitter.ms': { kind: 'long', fallback: '0', least: 0 },
  'segment.ms': { kind: 'long', fallback: '604800000', least: 1 },
};

/** What is wrong with a setting, in words; undefined if it is known and its value fits. */
export function settingFault(name: string, value: string): string | undefined {
  const setting = Object.hasOwn(TOPIC_SETTINGS, name) ? TOPIC_SETTINGS[name] : undefined;
  if (setting === undefined) return `Unknown topic config name: ${name}`;
  const fault = `Invalid value ${value} for configuration ${name}`;
  const { kind, least = 0, allowed } = setting;
  if (kind === 'boolean') return /^(true|false)$/i.test(value) ? undefined : fault;
  if (kind === 'string') return allowed!.includes(value) ? undefined : fault;
  if (kind === 'list') return listOf(value).every((item) => allowed!.includes(item)) ? undefined : fault;
  const pattern = kind === 'double' ? /^\d+(\.\d+)?$/ : /^-?\d+$/;
  return pattern.test(value) && Number(value) >= least ? undefined : fault;
}

/** A topic's settings: those given, and for the others the defaults. */
export class TopicConfig {
  readonly #given: Map<string, string>;
  readonly #defaults: Readonly<Record<string, string>>;
  #log: LogConfig | undefined;

  /** @param defaults the broker's own defaults, in place of Apache Kafka's */
  constructor(given: Readonly<Record<string, string>>, defaults: Readonly<Record<string, string>> = {}) {
    this.#given = new Map(Object.entries(given));
    this.#defaults = defaults;
  }

  get given(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#given);
  }

  get(name: string): string {
    return this.#given.get(name) ?? this.fallback(name);
  }

  fallback(name: string): string {
    return this.#defaults[name] ?? TOPIC_SETTINGS[name]!.fallback;
  }

  isGiven(name: string): boolean {
    return this.#given.has(name);
  }

  /** Sets a value, or takes it back to its default if undefined. */
  set(name: string, value: string | undefined): void {
    if (value === undefined) this.#given.delete(name);
    else this.#given.set(name, value);
    this.#log = undefined;
  }

  number(name: string): number {
    return Number(this.get(name));
  }

  get compacts(): boolean {
    return this.log.compacts;
  }

  /** What the topic's logs need to know. */
  get log(): LogConfig {
    const policies = listOf(this.get('cleanup.policy'));
    return (this.#log ??= {
      segmentBytes: this.number('segment.bytes'),
      segmentMs: this.number('segment.ms'),
      retentionMs: this.number('retention.ms'),
      retentionBytes: this.number('retention.bytes'),
      deletes: policies.includes('delete'),
      compacts: policies.includes('compact'),
      deleteRetentionMs: this.number('delete.retention.ms'),
      minCleanableDirtyRatio: this.number('min.cleanable.dirty.ratio'),
      minCompactionLagMs: this.number('min.compaction.lag.ms'),
      logAppendTime: this.get('message.timestamp.type') === 'LogAppendTime',
    });
  }
}

function listOf(value: string): string[] {
  return value.split(',').map((item) => item.trim());
}
