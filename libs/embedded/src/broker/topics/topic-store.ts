import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileStore, writeWhole } from '../log/file-store.ts';
import { memoryStore } from '../log/memory-store.ts';
import { PartitionLog } from '../log/partition-log.ts';
import { TopicConfig } from './topic-config.ts';

/** Topics that the broker keeps its own state in. */
export const OFFSETS_TOPIC = '__consumer_offsets';
export const TRANSACTIONS_TOPIC = '__transaction_state';

export interface Topic {
  readonly name: string;
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly config: TopicConfig;
  readonly partitions: PartitionLog[];
  readonly internal: boolean;
}

export interface TopicStoreOptions {
  /** Where topics are kept; absent: in memory. */
  readonly folder?: string;
  readonly now: () => number;
  readonly fsyncAlways: boolean;
  /** Defaults of topic settings. */
  readonly defaults: Readonly<Record<string, string>>;
}

interface Saved {
  readonly name: string;
  readonly id: string;
  readonly partitions: number;
  readonly config: Record<string, string>;
}

/** The topics of the broker and their partitions; in a folder `<topic id>/topic.json` and `<topic id>/<partition>/`. */
export class TopicStore {
  readonly #options: TopicStoreOptions;
  readonly #topics = new Map<string, Topic>();
  readonly #byId = new Map<string, Topic>();

  constructor(options: TopicStoreOptions) {
    this.#options = options;
    const { folder } = options;
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    for (const id of readdirSync(folder)) {
      const file = join(folder, id, 'topic.json');
      // A folder without this file is a topic whose creation or deletion was cut short.
      if (existsSync(file)) this.#open(JSON.parse(readFileSync(file, 'utf8')) as Saved);
      else rmSync(join(folder, id), { recursive: true, force: true });
    }
  }

  all(): Topic[] {
    return [...this.#topics.values()];
  }

  get(name: string): Topic | undefined {
    return this.#topics.get(name);
  }

  byId(id: string): Topic | undefined {
    return this.#byId.get(id);
  }

  /** One partition, if it exists. */
  log(name: string, partition: number): PartitionLog | undefined {
    return this.#topics.get(name)?.partitions[partition];
  }

  /** Makes a topic that must not exist yet. */
  create(name: string, partitions: number, config: Record<string, string> = {}): Topic {
    const id = randomUUID().replaceAll('-', '');
    const topic = this.#open({ name, id, partitions, config });
    this.save(topic);
    return topic;
  }

  /** Adds partitions until there are `count`. */
  grow(topic: Topic, count: number): void {
    for (let partition = topic.partitions.length; partition < count; partition++) {
      topic.partitions.push(this.#log(topic.id, partition, topic.config));
    }
    this.save(topic);
  }

  /** Keeps the topic's settings and partition count; to be called after each change of them. */
  save(topic: Topic): void {
    const { folder } = this.#options;
    if (folder === undefined) return;
    const { name, id } = topic;
    const saved: Saved = { name, id, partitions: topic.partitions.length, config: topic.config.given };
    writeWhole(join(folder, id, 'topic.json'), JSON.stringify(saved));
  }

  delete(topic: Topic): void {
    this.#topics.delete(topic.name);
    this.#byId.delete(topic.id);
    for (const log of topic.partitions) log.abandon();
    const { folder } = this.#options;
    if (folder === undefined) return;
    rmSync(join(folder, topic.id, 'topic.json'));
    rmSync(join(folder, topic.id), { recursive: true, force: true });
  }

  flush(): void {
    for (const topic of this.#topics.values()) for (const log of topic.partitions) log.flush();
  }

  close(): void {
    for (const topic of this.#topics.values()) for (const log of topic.partitions) log.close();
  }

  #open(saved: Saved): Topic {
    const { name, id } = saved;
    const config = new TopicConfig(saved.config, this.#options.defaults);
    const internal = name === OFFSETS_TOPIC || name === TRANSACTIONS_TOPIC;
    const topic: Topic = { name, id, config, partitions: [], internal };
    for (let partition = 0; partition < saved.partitions; partition++) {
      topic.partitions.push(this.#log(id, partition, config));
    }
    this.#topics.set(name, topic);
    this.#byId.set(id, topic);
    return topic;
  }

  #log(id: string, partition: number, config: TopicConfig): PartitionLog {
    const { folder, now, fsyncAlways } = this.#options;
    const store = folder === undefined ? memoryStore(now) : fileStore(join(folder, id, String(partition)));
    return new PartitionLog({ store, config: () => config.log, now, fsyncAlways });
  }
}
