import type { Catalogue } from './catalogue.ts';
import type { TopicRecord } from './kafka/committed-records.ts';
import { SetAsideCounter, setAsideTopics } from './kafka/set-aside-counter.ts';
import { readTopics, type TopicReader, type TopicToRead } from './kafka/topic-reader.ts';
import type { LiveHub, ViewChange } from './live/live-hub.ts';
import { readRowKey, toResultRow } from './result-rows.ts';

/**
 * How far back the feed begins: further than a store lags behind its topic, so that what is in neither the history nor
 * the live rows of a page that is opened right after a start cannot be.
 */
const BEGIN_BEFORE_MS = 60_000;

/** Decodes a results record's value (Confluent wire format). */
export type DecodeValue = (bytes: Buffer) => Promise<Record<string, unknown>>;

export interface ResultsFeedOptions {
  readonly brokers: readonly string[];
  readonly catalogue: Catalogue;
  readonly decode: DecodeValue;
  readonly hub: LiveHub;
  /** Called for a results record that cannot be read; the feed goes on. */
  readonly onUnreadable: (topic: string, offset: number, error: unknown) => void;
}

/** Reads all pipelines' results into the hub and counts what they set aside. */
export interface ResultsFeed extends TopicReader {
  readonly setAside: SetAsideCounter;
}

export function startResultsFeed(options: ResultsFeedOptions): ResultsFeed {
  const { brokers, catalogue, decode, hub, onUnreadable } = options;
  const pipelines = catalogue.pipelines.map(({ name }) => name);
  const setAside = new SetAsideCounter(pipelines);
  const viewOfTopic = new Map([...catalogue.views.values()].map((view) => [view.topic, view]));
  const beginMs = Date.now() - BEGIN_BEFORE_MS;
  const topics: TopicToRead[] = [
    ...[...viewOfTopic.keys()].map((topic) => ({ topic, from: { timestampMs: beginMs } })),
    ...pipelines.flatMap((name) =>
      setAsideTopics(name).map(({ topic }) => ({ topic, from: 'earliest' as const })),
    ),
  ];

  async function takeRecords(topic: string, partition: number, records: readonly TopicRecord[]) {
    if (setAside.take(topic, partition, records)) return;
    const view = viewOfTopic.get(topic);
    if (view === undefined) return;
    const changes: ViewChange[] = [];
    for (const { key, value, offset } of records) {
      try {
        if (value === null) {
          const removed = readRowKey(view, key);
          if (removed === undefined) throw new Error('a retraction without a readable key');
          changes.push({ view: view.name, partition, change: { removed } });
        } else {
          changes.push({
            view: view.name,
            partition,
            change: { row: toResultRow(view, await decode(value)) },
          });
        }
      } catch (error) {
        onUnreadable(topic, offset, error);
      }
    }
    hub.publish(changes, Date.now());
  }

  const reader = readTopics({ brokers, topics, onRecords: takeRecords });
  return {
    setAside,
    get status() {
      return reader.status;
    },
    stop: () => reader.stop(),
  };
}
