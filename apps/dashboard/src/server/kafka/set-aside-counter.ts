import type { SetAside, SetAsideKind } from '@millrace/views';
import type { TopicRecord } from './committed-records.ts';

/** Newest events kept per pipeline and kind, to show what they were. */
const MAX_SAMPLES = 20;
/** Shown of an event's bytes. */
const MAX_PREVIEW_BYTES = 300;

/** An event that was set aside, as the screen shows it. */
export interface SetAsideEvent {
  readonly kind: SetAsideKind;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  /** What its writer says of it: `reason`, `code`, where it came from. */
  readonly headers: Readonly<Record<string, string>>;
  /** The beginning of its value as text; bytes that are none are shown as `�`. */
  readonly preview: string;
}

const KINDS: readonly SetAsideKind[] = ['late', 'rejected', 'dead-letter'];

/** The topics that hold what `pipeline` set aside. */
export const setAsideTopics = (pipeline: string): readonly { kind: SetAsideKind; topic: string }[] =>
  KINDS.map((kind) => ({ kind, topic: `${pipeline}.${kind}` }));

/** Counts the events of pipelines' side outputs and keeps the newest ones. */
export class SetAsideCounter {
  readonly #topics: ReadonlyMap<string, { pipeline: string; kind: SetAsideKind }>;
  readonly #partitions = new Map<string, { count: number; nextOffset: number }>();
  readonly #samples = new Map<string, SetAsideEvent[]>();

  constructor(pipelines: readonly string[]) {
    this.#topics = new Map(
      pipelines.flatMap((pipeline) =>
        setAsideTopics(pipeline).map(({ kind, topic }) => [topic, { pipeline, kind }] as const),
      ),
    );
  }

  /** Takes records if `topic` is a side output; returns whether it is. Offsets that begin anew are a topic made anew. */
  take(topic: string, partition: number, records: readonly TopicRecord[]): boolean {
    const output = this.#topics.get(topic);
    const first = records[0];
    if (output === undefined || first === undefined) return output !== undefined;
    const key = `${topic}/${partition}`;
    const known = this.#partitions.get(key);
    const count = known === undefined || first.offset < known.nextOffset ? 0 : known.count;
    const nextOffset = (records.at(-1) as TopicRecord).offset + 1;
    this.#partitions.set(key, { count: count + records.length, nextOffset });
    const samples = this.#samples.get(topic) ?? [];
    for (const { offset, timestampMs, headers, value } of records.slice(-MAX_SAMPLES)) {
      const preview = value?.subarray(0, MAX_PREVIEW_BYTES).toString('utf8') ?? '';
      const kind = output.kind;
      const named = Object.fromEntries(
        headers.map(([name, text]) => [name, text.slice(0, MAX_PREVIEW_BYTES)]),
      );
      samples.push({ kind, topic, partition, offset, timestampMs, headers: named, preview });
    }
    this.#samples.set(topic, samples.slice(-MAX_SAMPLES));
    return true;
  }

  counts(pipeline: string): SetAside {
    const counts = { late: 0, rejected: 0, 'dead-letter': 0 };
    for (const { kind, topic } of setAsideTopics(pipeline)) {
      for (const [key, { count }] of this.#partitions) {
        if (key.slice(0, key.lastIndexOf('/')) === topic) counts[kind] += count;
      }
    }
    return counts;
  }

  /** The newest events of each kind, newest first. */
  newest(pipeline: string): SetAsideEvent[] {
    return setAsideTopics(pipeline)
      .flatMap(({ topic }) => this.#samples.get(topic) ?? [])
      .sort((a, b) => b.timestampMs - a.timestampMs || b.offset - a.offset);
  }
}
