import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the proxy does with a request. */
export type Fault = 'none' | 'error' | 'error after' | 'cut upload' | 'cut answer' | 'slow';

/** An HTTP proxy in front of a service that spoils requests as it is told. */
export interface FaultProxy {
  readonly url: string;
  /** How often each fault was done. */
  readonly done: Map<Fault, number>;
  stop(): Promise<void>;
}

/** Forwards to `target`; `choose` is asked for each request. */
export async function faultProxy(target: string, choose: () => Fault): Promise<FaultProxy> {
  const done = new Map<Fault, number>();
  const { hostname, port } = new URL(target);
  const forward = (incoming: IncomingMessage, answer: ServerResponse, fault: Fault): void => {
    // The host header stays: it is part of the signature.
    const options = {
      hostname,
      port,
      path: incoming.url ?? '/',
      method: incoming.method ?? 'GET',
      headers: incoming.headers,
    };
    const outgoing = request(options, (response) => {
      if (fault === 'error after') {
        response.resume();
        response.once('end', () => answer.writeHead(500).end());
        return;
      }
      answer.writeHead(response.statusCode ?? 502, response.headers);
      if (fault !== 'cut answer') return void response.pipe(answer);
      answer.flushHeaders();
      response.once('data', () => answer.destroy());
      response.once('end', () => answer.destroy());
    });
    outgoing.on('error', () => answer.destroy());
    if (fault !== 'cut upload') return void incoming.pipe(outgoing);
    incoming.once('data', (chunk: Buffer) => {
      outgoing.write(chunk.subarray(0, chunk.length >> 1), () => {
        outgoing.destroy();
        incoming.destroy();
      });
    });
    incoming.once('end', () => outgoing.destroy());
  };
  const server = createServer((incoming, answer) => {
    const fault = choose();
    done.set(fault, (done.get(fault) ?? 0) + 1);
    incoming.on('error', () => undefined);
    if (fault === 'error') {
      incoming.resume();
      incoming.once('end', () => answer.writeHead(500).end());
    } else if (fault === 'slow') {
      setTimeout(() => forward(incoming, answer, fault), 300);
    } else forward(incoming, answer, fault);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    done,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
