import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type People, peopleAt } from '@millrace/pipelines';

/** As many as randomuser.me gives at once. */
const MAX_RESULTS = 5_000;

export interface PeopleService {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Serves simulated people as randomuser.me does, `?results=N&page=P`, on a free port of this machine; `info.simulated` says
 * what they are.
 */
export async function startPeopleService(
  people: People,
  now: () => number = Date.now,
): Promise<PeopleService> {
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://people');
    const results = Math.min(MAX_RESULTS, Math.max(1, Number(searchParams.get('results')) || 1));
    const page = Math.max(1, Number(searchParams.get('page')) || 1);
    const listed = peopleAt(people, now()).slice((page - 1) * results, page * results);
    const info = { seed: String(people.seed), results: listed.length, page, version: '1.4', simulated: true };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ results: listed, info }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
