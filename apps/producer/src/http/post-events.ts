import type { FastifyInstance } from 'fastify';
import { traceContext, type TraceContext } from '@millrace/streams';
import type { EventSender, Placed } from './event-sender.ts';
import type { Checked, CheckEvent } from './inbox.ts';
import { sendProblem } from './problem.ts';
import type { RateLimit } from './rate-limit.ts';
import type { SeenIds } from './seen-ids.ts';

/** Of one request. More would make a transaction long. */
export const MAX_EVENTS = 1_000;
/** A request is answered within this, whatever the broker does. */
const DEADLINE_MS = 10_000;
const RETRY_AFTER_S = 5;

/** What has become of events so far. */
export interface EventCounts {
  accepted: number;
  repeated: number;
  refused: number;
  limited: number;
  failed: number;
}

export interface PostEventsParts {
  readonly inbox: ReadonlyMap<string, CheckEvent>;
  readonly sender: EventSender;
  readonly seen: SeenIds;
  readonly limit: RateLimit;
  readonly counts: EventCounts;
}

interface PostEvents {
  Params: { topic: string };
  Querystring: { partial?: string };
}

/**
 * `POST /events/:topic` with one event or an array: 202 with their places when they are committed, all of them or none. With
 * `?partial=true` good ones are taken and the others go to the dead-letter topic: for senders that cannot read the answer.
 */
export function postEvents(server: FastifyInstance, parts: PostEventsParts): void {
  const { inbox, limit, counts } = parts;
  server.post<PostEvents>('/events/:topic', async (request, reply) => {
    const { topic } = request.params;
    const check = inbox.get(topic);
    if (check === undefined) {
      const known = [...inbox.keys()].join(', ');
      return sendProblem(reply, { status: 404, detail: `no pipeline reads "${topic}"; there are ${known}` });
    }
    const events = Array.isArray(request.body) ? (request.body as unknown[]) : [request.body];
    if (events.length > MAX_EVENTS) {
      const detail = `${events.length} events at once: send at most ${MAX_EVENTS}`;
      return sendProblem(reply, { status: 413, detail });
    }
    const waitS = Math.ceil(limit.take(request.ip, events.length) / 1000);
    if (waitS > 0) {
      counts.limited += events.length;
      void reply.header('retry-after', waitS);
      return sendProblem(reply, {
        status: 429,
        detail: `more events than one client may send: wait ${waitS} s`,
      });
    }

    const nowMs = Date.now();
    const trace = traceContext(request.headers.traceparent, request.headers.tracestate);
    const checked = events.map((event) => withTrace(check(event, nowMs), trace));
    const errors = checked.flatMap((one, index) =>
      'faults' in one ? one.faults.map((fault) => ({ index, ...fault })) : [],
    );
    counts.refused += checked.filter((one) => 'faults' in one).length;
    if (errors.length > 0 && request.query.partial !== 'true') {
      return sendProblem(reply, {
        status: 400,
        detail: 'nothing was taken: see errors for field, rule and fix',
        errors,
      });
    }
    try {
      const offsets = await inTime(place(parts, topic, checked));
      return reply.code(202).send({ offsets, ...(errors.length > 0 && { refused: errors }) });
    } catch (error) {
      counts.failed += events.length;
      void reply.header('retry-after', RETRY_AFTER_S);
      const detail = `the events may not have been written (${(error as Error).message}): send them again, with the same ids`;
      return sendProblem(reply, { status: 503, detail });
    }
  });
}

/** Events go on in the trace of the request that brought them. */
function withTrace(checked: Checked, trace: TraceContext | undefined): Checked {
  if (trace === undefined || 'faults' in checked) return checked;
  const { traceparent, tracestate } = trace;
  const headers = { traceparent, ...(tracestate === undefined ? {} : { tracestate }) };
  return { ...checked, record: { ...checked.record, headers: { ...checked.record.headers, ...headers } } };
}

/** Writes what is new in one transaction. The place of each event that was taken, null of one that was refused. */
async function place(
  { sender, seen, counts }: PostEventsParts,
  topic: string,
  checked: readonly Checked[],
): Promise<(Placed | null)[]> {
  const fresh = new Map<string | number, Checked>(); // an id twice in one request is one event
  const places = checked.map((one, index) => {
    const id = 'id' in one ? one.id : undefined;
    const before = id === undefined ? undefined : seen.get(topic, id);
    if (before !== undefined || (id !== undefined && fresh.has(id))) counts.repeated++;
    if (before === undefined && !fresh.has(id ?? index)) fresh.set(id ?? index, one);
    return { name: id ?? index, before };
  });
  const names = [...fresh.keys()];
  const sent =
    fresh.size === 0
      ? Promise.resolve([])
      : sender.send([...fresh.values()].map((one) => ('record' in one ? one.record : one.deadLetter)));
  const placeOf = (name: string | number) => sent.then((all) => all[names.indexOf(name)] as Placed);
  for (const [name, one] of fresh)
    if (typeof name === 'string' && 'record' in one) seen.set(topic, name, placeOf(name));
  const all = await sent;
  counts.accepted += [...fresh.values()].filter((one) => 'record' in one).length;
  const placeByName = new Map(names.map((name, at) => [name, all[at]]));
  return Promise.all(
    places.map(async ({ name, before }, index) =>
      'faults' in (checked[index] ?? {}) ? null : ((await before) ?? placeByName.get(name) ?? null),
    ),
  );
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no commit within ${DEADLINE_MS / 1000} s`)), DEADLINE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
