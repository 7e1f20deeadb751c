import type { Broker } from '../broker.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import { fetch } from '../protocol/messages/index.ts';
import type { Decoded, Encodable } from '../protocol/schema.ts';
import { handler } from './handler.ts';
import { epochFault } from './leader-epoch.ts';

type Request = Decoded<typeof fetch.request>;
type Response = Encodable<typeof fetch.response>;

/** From this version on topics are named by their ids. */
const TOPIC_ID_VERSION = 13;
/** An answer holds at most this many bytes of records, whatever the client asks for (Kafka's `fetch.max.bytes`). */
const MAX_FETCH_BYTES = 55 * 1024 * 1024;
const READ_COMMITTED = 1;
/** However long a client wants to wait, it may be gone; then nothing of it stays here longer than this. */
const MAX_WAIT_MS = 60_000;

/** Reads record batches; waits for `minBytes` of them as long as the client allows. */
export const fetchHandler = handler(fetch, {
  handle(request, { broker, version }) {
    // There are no fetch sessions: a client that names one is told to begin anew, and gets session 0, which is none.
    if (request.sessionId !== 0) {
      return { errorCode: ErrorCode.fetchSessionIdNotFound, responses: [] };
    }
    const first = collect(broker, request, version);
    if (first.done || request.maxWaitMs <= 0) return first.response;
    return wait(broker, { request, version, logs: first.logs });
  },
  refuse: (request, errorCode) => ({
    errorCode: errorCode === ErrorCode.fetchSessionIdNotFound ? errorCode : ErrorCode.none,
    responses: request.topics.map(({ topic, topicId, partitions }) => ({
      topic,
      topicId,
      partitions: partitions.map(({ partition }) => failed(partition, errorCode)),
    })),
  }),
});

function failed(partitionIndex: number, errorCode: number) {
  const nothing = Buffer.alloc(0);
  return { partitionIndex, errorCode, highWatermark: -1, abortedTransactions: null, records: nothing };
}

interface Collected {
  readonly response: Response;
  /** Whether there is nothing to wait for. */
  readonly done: boolean;
  readonly logs: PartitionLog[];
}

function collect(broker: Broker, request: Request, version: number): Collected {
  const committedOnly = request.isolationLevel === READ_COMMITTED;
  let left = Math.min(request.maxBytes, MAX_FETCH_BYTES);
  let bytes = 0;
  let failure = false;
  const logs: PartitionLog[] = [];
  const responses = request.topics.map(({ topic: name, topicId, partitions }) => {
    const topic = version >= TOPIC_ID_VERSION ? broker.topics.byId(topicId) : broker.topics.get(name);
    return {
      topic: name,
      topicId,
      partitions: partitions.map((wanted) => {
        const log = topic?.partitions[wanted.partition];
        const errorCode = log === undefined ? unknown(version) : fault(log, wanted);
        if (log === undefined || errorCode !== ErrorCode.none) {
          failure = true;
          return failed(wanted.partition, errorCode);
        }
        logs.push(log);
        // The first batch comes even if it is larger than allowed, or the client could never go on.
        const maxBytes = Math.max(0, Math.min(wanted.partitionMaxBytes, left));
        const limits = { maxBytes, committedOnly, wholeOnly: bytes > 0 };
        const { records, aborted } = log.read(wanted.fetchOffset, limits);
        bytes += records.length;
        left -= records.length;
        return {
          partitionIndex: wanted.partition,
          errorCode: ErrorCode.none,
          highWatermark: log.nextOffset,
          lastStableOffset: log.lastStableOffset,
          logStartOffset: log.startOffset,
          abortedTransactions: committedOnly ? aborted : null,
          records,
        };
      }),
    };
  });
  return { response: { responses }, done: failure || logs.length === 0 || bytes >= request.minBytes, logs };
}

function unknown(version: number): number {
  return version >= TOPIC_ID_VERSION ? ErrorCode.unknownTopicId : ErrorCode.unknownTopicOrPartition;
}

function fault(log: PartitionLog, wanted: { fetchOffset: number; currentLeaderEpoch: number }): number {
  const errorCode = epochFault(wanted.currentLeaderEpoch);
  if (errorCode !== ErrorCode.none) return errorCode;
  const outside = wanted.fetchOffset < log.startOffset || wanted.fetchOffset > log.nextOffset;
  return outside ? ErrorCode.offsetOutOfRange : ErrorCode.none;
}

function wait(
  broker: Broker,
  { request, version, logs }: { request: Request; version: number; logs: readonly PartitionLog[] },
): Promise<Response> {
  return new Promise((resolve, reject) => {
    let scheduled: NodeJS.Immediate | undefined;
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      clearImmediate(scheduled);
      for (const log of logs) log.waiters.delete(wake);
      settle();
    };
    const look = (atLast: boolean) => {
      scheduled = undefined;
      try {
        const { response, done } = collect(broker, request, version);
        if (done || atLast) finish(() => resolve(response));
      } catch (error) {
        finish(() => reject(error as Error));
      }
    };
    // Many appends of one turn of the event loop are looked at together.
    const wake = () => {
      scheduled ??= setImmediate(() => look(false));
    };
    const timer = setTimeout(() => look(true), Math.min(request.maxWaitMs, MAX_WAIT_MS));
    for (const log of logs) log.waiters.add(wake);
  });
}
