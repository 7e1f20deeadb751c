import { createConnection, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/** Requests of the Kafka protocol whose replies can be lost, by their keys. */
const apiKeys = {
  Produce: 0,
  AddPartitionsToTxn: 24,
  AddOffsetsToTxn: 25,
  EndTxn: 26,
  TxnOffsetCommit: 28,
} as const;

export type LosableApi = keyof typeof apiKeys;

/** Stands between clients and a broker on this machine, and loses replies when told to: the broker has done what was asked. */
export class LossyProxy {
  readonly port: number;
  /** Where the broker listens. */
  readonly targetPort: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #toLose = new Map<number, (() => void)[]>();
  #isOpen = true;

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.port = (server.address() as { port: number }).port;
    this.targetPort = targetPort;
    server.on('connection', (client: Socket) => this.#serve(client));
  }

  static async start(targetPort: number): Promise<LossyProxy> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return new LossyProxy(server, targetPort);
  }

  /** Loses the next reply to a request of this kind, with the connection; resolves when it has done so. */
  loseReply(api: LosableApi): Promise<void> {
    return new Promise((resolve) => {
      const key = apiKeys[api];
      this.#toLose.set(key, [...(this.#toLose.get(key) ?? []), resolve]);
    });
  }

  /** Refuses connections until `open`, as a broker does that is away. */
  async shut(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(this.port, '127.0.0.1', resolve);
    });
    this.#isOpen = true;
  }

  #serve(client: Socket): void {
    const broker = createConnection(this.targetPort, '127.0.0.1');
    // Correlation ids of requests whose replies are to be lost.
    const doomed = new Map<number, () => void>();
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    eachFrame(client, (frame) => {
      const lost = this.#toLose.get(frame.readInt16BE(4))?.shift();
      if (lost !== undefined) doomed.set(frame.readInt32BE(8), lost);
      broker.write(frame);
    });
    eachFrame(broker, (frame) => {
      const lost = doomed.get(frame.readInt32BE(4));
      if (lost === undefined) {
        client.write(frame);
        return;
      }
      client.destroy();
      lost();
    });
  }
}

/** Cuts what comes into the protocol's frames, each with the four bytes of its length. */
function eachFrame(socket: Socket, take: (frame: Buffer) => void): void {
  let chunks: Buffer[] = [];
  let heldBytes = 0;
  let neededBytes = 4;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    heldBytes += chunk.length;
    while (heldBytes >= neededBytes) {
      const all = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      const size = 4 + all.readInt32BE(0);
      if (heldBytes >= size) take(all.subarray(0, size));
      chunks = [heldBytes >= size ? all.subarray(size) : all];
      heldBytes = chunks[0]!.length;
      neededBytes = heldBytes >= 4 ? 4 + chunks[0]!.readInt32BE(0) : 4;
    }
  });
}
