import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { FrameSplitter } from '../../broker/network/frame-splitter.ts';
import { ByteReader } from '../../broker/protocol/byte-reader.ts';
import { ByteWriter } from '../../broker/protocol/byte-writer.ts';
import { decode, encode } from '../../broker/protocol/codec.ts';
import {
  isFlexible,
  type Api,
  type Decoded,
  type Encodable,
  type Fields,
} from '../../broker/protocol/schema.ts';
import { RegistryError } from '../errors.ts';

const CLIENT_ID = 'millrace-registry';

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

export interface ConnectOptions extends BrokerAddress {
  readonly timeoutMs: number;
  readonly tls?: ConnectionOptions;
}

interface Pending {
  readonly receive: (reader: ByteReader) => void;
  readonly fail: (error: Error) => void;
}

/** One connection to one broker; requests may be sent before the answers to earlier ones are there. */
export class KafkaConnection {
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  readonly #timeoutMs: number;
  readonly #frames = new FrameSplitter();
  #correlationId = 0;
  #closed = false;

  private constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the broker closed the connection')));
  }

  /** @throws REGISTRY_STORE if there is no broker at the address within the time */
  static open({ host, port, timeoutMs, tls }: ConnectOptions): Promise<KafkaConnection> {
    return new Promise((resolve, reject) => {
      const socket = tls === undefined ? connectTcp({ host, port }) : connectTls({ host, port, ...tls });
      const fail = (error: Error) => {
        clearTimeout(timer);
        socket.destroy();
        reject(
          new RegistryError(
            'REGISTRY_STORE',
            `no broker answers at ${host}:${port}: ${error.message}`,
            error,
          ),
        );
      };
      const timer = setTimeout(() => fail(new Error(`no connection in ${timeoutMs} ms`)), timeoutMs);
      socket.once('error', fail);
      socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
        clearTimeout(timer);
        socket.removeListener('error', fail);
        resolve(new KafkaConnection(socket, timeoutMs));
      });
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @throws REGISTRY_STORE when the connection ends first, REGISTRY_STORE_TIMEOUT when no answer comes in time */
  send<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    version: number,
    request: Encodable<Request>,
  ): Promise<Decoded<Response>> {
    if (this.#closed) return Promise.reject(new RegistryError('REGISTRY_STORE', 'the connection is closed'));
    const flexible = isFlexible(api, version);
    const correlationId = this.#correlationId++;
    const writer = new ByteWriter();
    writer.int16(api.key);
    writer.int16(version);
    writer.int32(correlationId);
    writer.string(CLIENT_ID, false);
    if (flexible) writer.unsignedVarint(0);
    encode(api.request, request, { writer, version, flexible });
    const frame = writer.finish();
    const length = Buffer.alloc(4);
    length.writeInt32BE(frame.reduce((sum, part) => sum + part.length, 0));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const message = `the broker did not answer ${api.name} in ${this.#timeoutMs} ms`;
        this.#end(new RegistryError('REGISTRY_STORE_TIMEOUT', message));
      }, this.#timeoutMs);
      this.#pending.set(correlationId, {
        receive: (reader) => {
          clearTimeout(timer);
          if (flexible) reader.skipTags();
          resolve(decode(api.response, reader, { version, flexible }));
        },
        fail: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.#socket.cork();
      this.#socket.write(length);
      for (const part of frame) this.#socket.write(part);
      this.#socket.uncork();
    });
  }

  close(): void {
    this.#end(new Error('the registry closed the connection'));
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.push(chunk)) {
        const reader = new ByteReader(frame);
        const correlationId = reader.int32();
        const pending = this.#pending.get(correlationId);
        pending?.receive(reader);
        this.#pending.delete(correlationId);
      }
    } catch (error) {
      // Not what a broker says; whoever waits for the answer is told so.
      this.#end(error as Error);
    }
  }

  #end(error: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
    const reason =
      error instanceof RegistryError
        ? error
        : new RegistryError(
            'REGISTRY_STORE',
            `the connection to the broker is lost: ${error.message}`,
            error,
          );
    for (const pending of this.#pending.values()) pending.fail(reason);
    this.#pending.clear();
  }
}
