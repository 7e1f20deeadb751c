import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Row } from '../definition/compile-expression.ts';
import type { StreamsError } from '../errors.ts';
import type { RunningPipeline } from '../start-pipeline.ts';
import { answerText } from './answer-json.ts';
import { defaultLimit, maxRows } from './query.ts';
import type { PeerQuery, Query } from './query.ts';

export interface QueryHandlerOptions {
  /** What may be asked for, as `<pipeline>.<view>`; nothing else is. */
  readonly views: readonly string[];
  /** Requests need it as `authorization: Bearer …`. Absent: whoever reaches the server may ask. */
  readonly token?: string;
}

/** A URL with a key of several columns fits; longer ones are not read. */
const maxUrlChars = 8_192;

type Asked =
  | { readonly pipeline: string; readonly query: Query | PeerQuery }
  | { readonly status: number; readonly title: string; readonly detail: string };

/**
 * Answers `GET …/<pipeline>/<view>?key=<JSON object>&fromMs&toMs&limit` from all instances, and the parts that they ask of each
 * other. Mount it on a node:http server at the path that `queries.url` names; pipelines may be added to the list later.
 */
export function queryHandler(
  pipelines: readonly RunningPipeline[],
  { views, token }: QueryHandlerOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const exposed = new Set(views);
  return (request, response) => {
    void answer(request).then(({ status, text }) => {
      const type = status === 200 ? 'application/json' : 'application/problem+json';
      response.writeHead(status, {
        'content-type': type,
        'cache-control': 'no-store',
        ...(status === 503 ? { 'retry-after': '1' } : {}),
        ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      });
      response.end(text);
    });
  };

  async function answer(request: IncomingMessage): Promise<{ status: number; text: string }> {
    const asked = parse(request);
    if ('status' in asked) return problem(asked.status, asked);
    const { pipeline, query } = asked;
    const running = pipelines.find(({ name }) => name === pipeline);
    if (running === undefined)
      return problem(503, { title: 'not running', detail: `pipeline "${pipeline}" does not run here (yet)` });
    try {
      const found = await ('partitions' in query ? running.answerPeer(query) : running.query(query));
      return { status: 200, text: answerText(found) };
    } catch (error) {
      const { code, message: detail } = error as StreamsError;
      const status = statuses[code] ?? 500;
      return problem(status, { title: code, detail: status === 500 ? 'the query failed' : detail });
    }
  }

  function parse(request: IncomingMessage): Asked {
    const bad = (detail: string, status = 400): Asked => ({ status, title: 'bad request', detail });
    if (request.method !== 'GET') return bad('only GET is answered', 405);
    if (token !== undefined && !isToken(request.headers.authorization, token))
      return { status: 401, title: 'unauthorized', detail: 'the token is missing or another' };
    const { url = '/' } = request;
    if (url.length > maxUrlChars) return bad(`the URL is longer than ${maxUrlChars} characters`, 414);
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const [pipeline = '', view = ''] = pathname.split('/').slice(-2).map(decoded);
    if (!exposed.has(`${pipeline}.${view}`))
      return {
        status: 404,
        title: 'not found',
        detail: `view "${view}" of pipeline "${pipeline}" is not exposed`,
      };
    const numbers: Record<string, number> = {};
    for (const name of ['fromMs', 'toMs', 'limit', 'generation']) {
      const text = searchParams.get(name);
      if (text === null) continue;
      numbers[name] = Number(text);
      if (text === '' || !Number.isSafeInteger(numbers[name])) return bad(`${name} must be a whole number`);
    }
    const { fromMs, toMs, limit = defaultLimit, generation } = numbers;
    if (limit < 1 || limit > maxRows) return bad(`limit must be from 1 to ${maxRows}`);
    const key = keyOf(searchParams.get('key'));
    if (key === null)
      return bad('key must be a JSON object with a value for each of the view\'s "by" columns');
    const query: Query = {
      ...{ view, limit },
      ...(key === undefined ? {} : { key }),
      ...(fromMs === undefined ? {} : { fromMs }),
      ...(toMs === undefined ? {} : { toMs }),
    };
    if (generation === undefined) return { pipeline, query };
    const partitions = (searchParams.get('partitions') ?? '').split(',').map(Number);
    if (!partitions.every((partition) => Number.isSafeInteger(partition) && partition >= 0))
      return bad('partitions must be numbers separated by commas');
    return { pipeline, query: { ...query, partitions, generationId: generation } };
  }
}

const statuses: Partial<Record<string, number>> = {
  STREAMS_QUERY: 400,
  STREAMS_REBALANCING: 503,
  STREAMS_PEER: 502,
};

function problem(status: number, { title, detail }: { title: string; detail: string }) {
  return { status, text: JSON.stringify({ type: 'about:blank', title, status, detail }) };
}

/** Undefined: none was given; null: it is no object. */
function keyOf(text: string | null): Row | undefined | null {
  if (text === null) return undefined;
  try {
    const key: unknown = JSON.parse(text);
    return typeof key === 'object' && !Array.isArray(key) ? (key as Row | null) : null;
  } catch {
    return null;
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** In the same time whatever was sent: digests have one length. */
function isToken(header: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}
