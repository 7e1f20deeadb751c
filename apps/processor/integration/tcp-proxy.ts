import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a service that can be cut. */
export interface TcpProxy {
  readonly address: string;
  /** Ends all connections and takes no new ones. */
  cut(): void;
  mend(): void;
  stop(): Promise<void>;
}

/** Forwards connections to `target`, `host:port`. */
export async function tcpProxy(target: string): Promise<TcpProxy> {
  const url = new URL(`tcp://${target}`);
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((incoming) => {
    if (isCut) return void incoming.destroy();
    const outgoing = connect({ host: url.hostname, port: Number(url.port) });
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    isCut = true;
    for (const socket of open) socket.destroy();
  };
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    mend: () => {
      isCut = false;
    },
    stop: () =>
      new Promise((resolve) => {
        cut();
        server.close(() => resolve());
      }),
  };
}
