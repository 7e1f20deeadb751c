import type { PipelineDefinition } from '@millrace/streams';
import type { Source } from '../sources/source.ts';

/** An event for one of the pipeline's sources: for its topic, under its schema. */
export interface FeedEvent {
  /** The source's name in the definition. */
  readonly source: string;
  /** Decides the partition. */
  readonly key: string | null;
  readonly value: object;
  /** What the event was made from; a dead letter holds it where the schema refuses the value (its JSON by default). */
  readonly original?: Buffer;
}

/** Something that is no event: goes to the pipeline's dead-letter topic with the reason. */
export interface Refusal {
  readonly code: string;
  readonly reason: string;
  readonly original: Buffer;
}

/** Something that the source has to know when it is opened again; committed with the rest of its batch. */
export interface StateChange {
  readonly stateKey: string;
  /** Null: no longer needed. */
  readonly stateValue: string | null;
}

export type FeedItem = FeedEvent | Refusal | StateChange;

/** Command-line options that a feed may look at. */
export interface FeedFlags {
  readonly file?: readonly string[] | undefined;
  readonly simulate?: string | undefined;
  readonly replay?: string | undefined;
  readonly mapping?: string | undefined;
  readonly speed?: string | undefined;
  readonly 'shift-to-now'?: boolean | undefined;
}

/** What feeds one pipeline. Items of one batch are written, with the source's position, in one transaction. */
export interface Feed<Settings> {
  readonly pipeline: PipelineDefinition;
  /** Of the topics with the pipeline's events, where they are created. */
  readonly topicConfig?: Readonly<Record<string, string>>;
  /** The feed's own variables, with low rates by default. @throws z.ZodError naming each variable that is off */
  settings(env: NodeJS.ProcessEnv, flags: FeedFlags): Settings;
  sources(settings: Settings, log: (line: string) => void): readonly Source<FeedItem>[];
}

/** A feed whose settings only it knows. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what `settings` gives goes to `sources` of the same feed alone
export type AnyFeed = Feed<any>;
