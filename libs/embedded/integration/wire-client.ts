import { connect, type Socket } from 'node:net';
import { ByteReader } from '../src/broker/protocol/byte-reader.ts';
import { ByteWriter } from '../src/broker/protocol/byte-writer.ts';
import { decode, encode } from '../src/broker/protocol/codec.ts';
import {
  isFlexible,
  type Api,
  type Decoded,
  type Encodable,
  type Fields,
} from '../src/broker/protocol/schema.ts';
import { FrameSplitter } from '../src/broker/network/frame-splitter.ts';

interface Waiting {
  readonly resolve: (frame: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/** One connection that sends single requests in any version: what a client library would not let a test do. */
export class WireClient {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #correlationId = 0;
  #closed: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const splitter = new FrameSplitter();
    socket.on('data', (chunk) => {
      for (const frame of splitter.push(chunk)) {
        const id = frame.readInt32BE(0);
        this.#waiting.get(id)?.resolve(frame);
        this.#waiting.delete(id);
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#closed = new Error('the broker closed the connection');
      for (const { reject } of this.#waiting.values()) reject(this.#closed);
      this.#waiting.clear();
    });
  }

  static connect(broker: string): Promise<WireClient> {
    const at = broker.lastIndexOf(':');
    const socket = connect({ host: broker.slice(0, at), port: Number(broker.slice(at + 1)), noDelay: true });
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', () => resolve(new WireClient(socket)));
    });
  }

  /** Sends a request, by default in the newest version, and waits for its answer. */
  async call<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    request: Encodable<Request>,
    version: number = api.versions[1],
  ): Promise<Decoded<Response>> {
    const flexible = isFlexible(api, version);
    const frame = await this.exchange(api, request, version);
    const reader = new ByteReader(frame);
    reader.int32();
    if (flexible && api.name !== 'ApiVersions') reader.skipTags();
    return decode(api.response, reader, { version, flexible });
  }

  /** Sends a request and gives back the answer's bytes. */
  exchange<Request extends Fields>(
    api: Api<Request>,
    request: Encodable<Request>,
    version: number,
  ): Promise<Buffer> {
    const correlationId = this.#correlationId++;
    this.send(requestBytes(api, request, { version, correlationId }));
    return new Promise((resolve, reject) => {
      if (this.#closed) reject(this.#closed);
      else this.#waiting.set(correlationId, { resolve, reject });
    });
  }

  /** Writes bytes as they are. */
  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  get isOpen(): boolean {
    return this.#closed === undefined;
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** A request's frame, with its length in front. */
export function requestBytes<Request extends Fields>(
  api: Api<Request>,
  request: Encodable<Request>,
  { version, correlationId }: { version: number; correlationId: number },
): Buffer {
  const flexible = isFlexible(api, version);
  const writer = new ByteWriter();
  writer.int32(0);
  writer.int16(api.key);
  writer.int16(version);
  writer.int32(correlationId);
  writer.string('millrace-test', false);
  if (flexible) writer.unsignedVarint(0);
  encode(api.request, request, { writer, version, flexible });
  const bytes = Buffer.concat(writer.finish());
  bytes.writeInt32BE(bytes.length - 4, 0);
  return bytes;
}
