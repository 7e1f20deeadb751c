import type { Registry } from '@millrace/schemas';
import type { ConsumerGroup, SchemaSubject, TopicDetail, TopicMessage, TopicSummary } from '@millrace/views';
import { listGroups } from './groups.ts';
import { kafkaAdmin } from './kafka-admin.ts';
import { newestMessages, type MessagesWanted } from './messages.ts';
import { messageShower } from './show-message.ts';
import { askRegistry, describeSubject, listSubjects } from './subjects.ts';
import { describeTopic, listTopics } from './topics.ts';

/** What can be seen of the brokers and the registry; nothing is changed. Throws `DashboardError`s that are retriable. */
export interface Cluster {
  topics(): Promise<TopicSummary[]>;
  /** Undefined for a topic that there is not. */
  topic(name: string): Promise<TopicDetail | undefined>;
  /** Undefined for a topic that there is not. */
  messages(wanted: MessagesWanted): Promise<TopicMessage[] | undefined>;
  groups(): Promise<ConsumerGroup[]>;
  subjects(): Promise<string[]>;
  /** Undefined for a subject that there is not. */
  subject(name: string): Promise<SchemaSubject | undefined>;
  close(): Promise<void>;
}

export function openCluster(brokers: readonly string[], registry: Registry): Cluster {
  const kafka = kafkaAdmin(brokers);
  const show = messageShower(registry);
  return {
    topics: () => kafka.ask(listTopics),
    topic: (name) => kafka.ask((admin) => describeTopic(admin, name)),
    async messages(wanted) {
      const records = await kafka.ask((admin, consumer) => newestMessages(admin, consumer, wanted));
      if (records === undefined) return undefined;
      const messages: TopicMessage[] = [];
      for (const record of records) messages.push(await show(record));
      return messages;
    },
    groups: () => kafka.ask(listGroups),
    subjects: () => askRegistry(() => listSubjects(registry)),
    subject: (name) => askRegistry(() => describeSubject(registry, name)),
    close: () => kafka.close(),
  };
}
