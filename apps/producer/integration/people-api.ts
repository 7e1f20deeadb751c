import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (request: { page: number; results: number }, response: ServerResponse) => void;

/** A people API that answers as the test says; what it was asked is in `asked`. */
export async function startPeopleApi(answer: Answer) {
  const asked: number[] = [];
  const api = { answer };
  const server = createServer((request: IncomingMessage, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://api');
    const page = Number(searchParams.get('page'));
    asked.push(page);
    api.answer({ page, results: Number(searchParams.get('results')) }, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    answerWith(next: Answer) {
      api.answer = next;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export function sendJson(response: ServerResponse, value: unknown): void {
  response.end(JSON.stringify(value));
}

export function sendStatus(
  response: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, headers).end('no');
}
