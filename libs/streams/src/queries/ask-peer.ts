import { StreamsError } from '../errors.ts';
import { parseAnswer } from './answer-json.ts';
import type { PeerQuery, QueryAnswer } from './query.ts';

export interface QueriesOptions {
  /** Where the other instances reach this one's `queryHandler`, e.g. `http://10.0.0.7:4202/queries`. */
  readonly url: string;
  /** How long another instance may take to answer; default 2,000. */
  readonly timeoutMs?: number;
  /** What other instances are shown, and what theirs ask for: the same on all of them. */
  readonly token?: string;
}

/** A person or a screen waits for the answer. */
export const defaultPeerTimeoutMs = 2_000;
/** More than `maxRows` rows of any sane view; what is larger would take the process's memory. */
const maxAnswerBytes = 64 * 1024 * 1024;

/** Asks the instance at `url` for its part. @throws STREAMS_REBALANCING (try again), STREAMS_PEER naming the instance */
export async function askPeer(
  { url, timeoutMs = defaultPeerTimeoutMs, token }: QueriesOptions,
  pipeline: string,
  { view, key, fromMs, toMs, limit, partitions, generationId }: PeerQuery,
): Promise<QueryAnswer> {
  const fail = (what: string, cause?: unknown) =>
    new StreamsError('STREAMS_PEER', `the instance at ${url} of pipeline "${pipeline}" ${what}`, {
      cause,
      retriable: true,
    });
  const parameters = new URLSearchParams({ generation: String(generationId), partitions: partitions.join() });
  if (key !== undefined) parameters.set('key', JSON.stringify(key));
  for (const [name, value] of Object.entries({ fromMs, toMs, limit }))
    if (value !== undefined) parameters.set(name, String(value));
  const path = `${encodeURIComponent(pipeline)}/${encodeURIComponent(view)}`;
  let response: Response;
  let text: string | undefined;
  try {
    response = await fetch(`${url.replace(/\/$/, '')}/${path}?${parameters.toString()}`, {
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
      ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
    });
    text = await limitedText(response);
  } catch (cause) {
    const { name, message } = cause as Error;
    if (name === 'TimeoutError') throw fail(`did not answer within ${timeoutMs} ms`, cause);
    throw fail(
      `cannot be asked (${((cause as Error).cause as Error | undefined)?.message ?? message})`,
      cause,
    );
  }
  if (text === undefined) throw fail(`gave an answer of more than ${maxAnswerBytes} bytes`);
  if (response.ok) {
    const answer = parseAnswer(text);
    if (answer === undefined)
      throw fail('gave something else than an answer; its "queries.url" names another server');
    return answer;
  }
  if (response.status === 503) throw rebalancing(pipeline);
  throw fail(
    `answered ${response.status}; its queryHandler has to expose view "${view}" and take the token of this one`,
  );
}

export const rebalancing = (pipeline: string): StreamsError =>
  new StreamsError(
    'STREAMS_REBALANCING',
    `the tasks of pipeline "${pipeline}" are moving or being restored; ask again in a moment`,
    { retriable: true },
  );

async function limitedText(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > maxAnswerBytes) return undefined;
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString();
}
