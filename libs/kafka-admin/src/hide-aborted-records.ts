import { createRequire } from 'node:module';
import { AbortedTransactions } from '@millrace/record-batch';

/** What kafkajs keeps of a fetched record; a control record is never handed to the application. */
interface FetchedRecord {
  readonly offset: string;
  readonly key: Buffer | null;
  isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
}

interface FetchedPartition {
  abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[] | null;
  readonly messages: readonly FetchedRecord[];
}

interface Broker {
  fetch(
    request: unknown,
  ): Promise<{ readonly responses: readonly { readonly partitions: FetchedPartition[] }[] }>;
}

const ABORT = 0;
const hidden = new WeakSet<Broker>();

/**
 * Makes the consumers of kafkajs hide all records of aborted transactions, in this process and for good. Its own filter takes
 * them from a list that it expects in the order in which transactions began (Apache Kafka gives that in which they ended), and
 * begins at most one of them a record: where two were open at once, records of an aborted one are handed out.
 */
export function hideAbortedRecords(): void {
  const broker = (createRequire(import.meta.url)('kafkajs/src/broker') as { prototype: Broker }).prototype;
  if (hidden.has(broker)) return;
  hidden.add(broker);
  const fetch = broker.fetch;
  broker.fetch = async function (this: Broker, request) {
    const response = await fetch.call(this, request);
    for (const { partitions } of response.responses)
      for (const partition of partitions) markAborted(partition);
    return response;
  };
}

/** Marks aborted records as kafkajs marks control records: not handed out, and counted among the offsets that were read. */
function markAborted(partition: FetchedPartition): void {
  const { abortedTransactions, messages } = partition;
  if (abortedTransactions === null || abortedTransactions.length === 0) return;
  const aborted = new AbortedTransactions(
    abortedTransactions.map(({ producerId, firstOffset }) => ({
      producerId: Number(producerId),
      firstOffset: Number(firstOffset),
    })),
  );
  for (const record of messages) {
    const { key, isControlRecord, batchContext } = record;
    const isAborted = aborted.coversBatch({
      lastOffset: Number(record.offset),
      producerId: Number(batchContext.producerId),
      isTransactional: batchContext.inTransaction,
      ...(isControlRecord ? { marker: key?.readInt16BE(2) === ABORT ? 'abort' : 'commit' } : {}),
    });
    if (isAborted) record.isControlRecord = true;
  }
  partition.abortedTransactions = [];
}
