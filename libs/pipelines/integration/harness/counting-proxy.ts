import { createServer, request } from 'node:http';
import type { Server } from 'node:http';

/** Stands before an HTTP server and keeps what was asked of it. */
export class CountingProxy {
  readonly url: string;
  /** Paths, in the order in which they were asked for. */
  readonly asked: string[] = [];
  readonly #server: Server;

  private constructor(server: Server, target: string) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    server.on('request', (incoming, outgoing) => {
      this.asked.push(incoming.url!);
      const { method, headers } = incoming;
      const forwarded = request(new URL(incoming.url!, target), { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
      });
      forwarded.on('error', () => outgoing.destroy());
      incoming.pipe(forwarded);
    });
  }

  static async start(target: string): Promise<CountingProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new CountingProxy(server, target);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
