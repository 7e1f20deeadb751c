import { connect as connectPlain } from 'node:net';
import type { OnReadOpts, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Reader, Writer } from '@platformatic/kafka';
import type { API, Broker, Connection, ConnectionOptions } from '@platformatic/kafka';
import { StreamsError } from '../errors.ts';
import { fetchApi } from './fetch.ts';
import type { FetchedPartition, FetchOptions, FetchPartition } from './fetch.ts';
import { gatherParts } from './gather-parts.ts';
import { logIn } from './log-in.ts';
import type { ReusedBuffers } from './reused-buffers.ts';

export interface WireConnectionOptions {
  readonly tls: ConnectionOptions['tls'];
  readonly sasl: ConnectionOptions['sasl'];
  readonly clientId: string;
  readonly buffers: ReusedBuffers;
  readonly requestTimeoutMs: number;
}

export interface Fetched {
  readonly partitions: readonly FetchedPartition[];
  /** Lets the memory that the records are in be used again: nobody may read them any more. */
  readonly release: () => void;
}

interface Request {
  readonly correlationId: number;
  /** Its answer goes to memory that is used again. */
  readonly isFetch: boolean;
  readonly timeout: NodeJS.Timeout;
  readonly answer: (frame: Buffer) => void;
  readonly fail: (error: Error) => void;
}

const connectTimeoutMs = 5_000;
/** Room for what is read from the socket where it is not known yet to which answer it belongs. */
const readBytes = 64 * 1024;
/** So much of an answer and more is read to where it belongs at once: less, with what follows, costs one read fewer and a copy. */
const directBytes = 16 * 1024;
const lengthBytes = 4;
/** No answer is longer; what is no Kafka (a TLS alert, HTTP), read as a length, starts at 336 MiB. */
const maxFrameBytes = 256 * 1024 * 1024;
/** A log-in is renewed, by a new connection, when so much of its time is over. */
const sessionShare = 0.8;

type Sending = Parameters<Connection['send']>;

/**
 * A connection for much data. Long parts of requests are written from where they lie, and records are read into memory that is
 * used again, where the client's own connections allocate 64 KB a read and then the whole once more.
 */
export class WireConnection {
  readonly #options: WireConnectionOptions;
  readonly #address: string;
  readonly #socket: Socket;
  /** In the order in which a broker answers. */
  readonly #requests: Request[] = [];
  /** What the client's APIs ask of a connection. */
  readonly #client: Connection;
  readonly #fetching: Connection;
  readonly #length = Buffer.alloc(lengthBytes);
  #lengthAt = 0;
  #frame: Buffer | undefined;
  #frameBytes = 0;
  #frameAt = 0;
  readonly #read = Buffer.allocUnsafeSlow(readBytes);
  #correlationId = 0;
  #error: Error | undefined;
  #expiresMs = Infinity;
  #isLast = false;

  /** @throws STREAMS_BROKER (retriable) when the broker cannot be reached; STREAMS_LOGIN when it refuses the log-in */
  static async open(broker: Broker, options: WireConnectionOptions): Promise<WireConnection> {
    const connection = new WireConnection(broker, options);
    try {
      await connection.#connected(options.tls === undefined ? 'connect' : 'secureConnect');
      if (options.sasl !== undefined) {
        const lifetimeMs = await logIn(connection.#client, options.sasl);
        if (lifetimeMs > 0) connection.#expiresMs = performance.now() + lifetimeMs * sessionShare;
      }
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  private constructor({ host, port }: Broker, options: WireConnectionOptions) {
    this.#options = options;
    this.#address = `${host}:${port}`;
    const client = (isFetch: boolean) =>
      ({ send: (...sending: Sending) => this.#send(isFetch, ...sending) }) as unknown as Connection;
    this.#client = client(false);
    this.#fetching = client(true);
    const onread: OnReadOpts = {
      buffer: () => this.#room(),
      callback: (length, bytes) => this.#take(bytes as Buffer, length),
    };
    // The types of TLS do not know `onread`, which it takes as plain sockets do.
    const to = { host, port, onread };
    const { tls } = options;
    this.#socket = tls === undefined ? connectPlain(to) : connectTls({ ...tls, ...to });
    this.#socket.setNoDelay(true);
    this.#socket.on('error', (cause) => this.#end(cause));
    this.#socket.on('close', () => this.#end());
  }

  /** False once it has failed, or its log-in is about to end. */
  get isUsable(): boolean {
    return this.#error === undefined && performance.now() < this.#expiresMs;
  }

  /** Sends one of the client's requests; bytes in its parts must stay as they are until it is answered. */
  call<Arguments extends unknown[], Response>(
    api: API<Arguments, Response>,
    ...args: Arguments
  ): Promise<Response> {
    return api.async(this.#client, ...args);
  }

  fetch(options: FetchOptions, partitions: readonly FetchPartition[]): Promise<Fetched> {
    return new Promise((resolve, reject) => {
      fetchApi(this.#fetching, options, partitions, (error, fetched) => {
        const buffer = this.#frame!;
        if (error === null)
          resolve({ partitions: fetched!, release: () => this.#options.buffers.give(buffer) });
        else reject(error);
      });
    });
  }

  close(): void {
    this.#end();
  }

  /** Closes once all requests under way are answered. */
  closeWhenAnswered(): void {
    this.#isLast = true;
    if (this.#requests.length === 0) this.#end();
  }

  #connected(event: 'connect' | 'secureConnect'): Promise<void> {
    return new Promise((resolve, reject) => {
      const timeout = setTimeout(() => this.#end(new Error('it does not answer')), connectTimeoutMs);
      this.#socket.once('close', () => {
        clearTimeout(timeout);
        reject(this.#error!);
      });
      this.#socket.once(event, () => {
        clearTimeout(timeout);
        resolve();
      });
    });
  }

  #send(isFetch: boolean, ...[key, version, create, parse, hasTags, hasAnswerTags, callback]: Sending): void {
    if (this.#error !== undefined) return callback(this.#error);
    const correlationId = (this.#correlationId = (this.#correlationId + 1) & 0x7fff_ffff);
    const request = Writer.create()
      .appendInt16(key)
      .appendInt16(version)
      .appendInt32(correlationId)
      .appendString(this.#options.clientId, false);
    if (hasTags) request.appendTaggedFields();
    request.appendFrom(create() as Writer).prependLength();
    this.#requests.push({
      correlationId,
      isFetch,
      timeout: setTimeout(() => this.#end(new Error('a request timed out')), this.#options.requestTimeoutMs),
      fail: callback,
      answer: (frame) => {
        let answer: unknown;
        try {
          const reader = Reader.from(frame);
          reader.readInt32();
          if (hasAnswerTags) reader.readTaggedFields();
          answer = parse(correlationId, key, version, reader);
        } catch (error) {
          return callback(error as Error);
        }
        callback(null, answer);
      },
    });
    this.#socket.cork();
    for (const part of gatherParts(request.buffers)) this.#socket.write(part);
    this.#socket.uncork();
  }

  /** Where the next bytes are to be read to. */
  #room(): Buffer {
    const frame = this.#frame;
    if (frame === undefined || this.#frameBytes - this.#frameAt < directBytes) return this.#read;
    return frame.subarray(this.#frameAt, this.#frameBytes);
  }

  /** Takes what came; true: go on reading. */
  #take(bytes: Buffer, length: number): boolean {
    if (bytes !== this.#read) {
      this.#frameAt += length;
      if (this.#frameAt === this.#frameBytes) this.#answer(this.#frame!.subarray(0, this.#frameBytes));
      return this.#error === undefined;
    }
    for (let at = 0; at < length;) {
      if (this.#lengthAt < lengthBytes) {
        this.#length[this.#lengthAt++] = bytes[at++]!;
        if (this.#lengthAt < lengthBytes) continue;
        const frameBytes = this.#length.readInt32BE(0);
        if (frameBytes < lengthBytes || frameBytes > maxFrameBytes) {
          this.#end(new Error(`an answer says that it is ${frameBytes} bytes long`));
          return false;
        }
        this.#frameBytes = frameBytes;
        this.#frame =
          this.#requests[0]?.isFetch === true
            ? this.#options.buffers.take(frameBytes)
            : Buffer.allocUnsafe(frameBytes);
        this.#frameAt = 0;
      }
      const taken = Math.min(length - at, this.#frameBytes - this.#frameAt);
      bytes.copy(this.#frame!, this.#frameAt, at, at + taken);
      this.#frameAt += taken;
      at += taken;
      if (this.#frameAt === this.#frameBytes) this.#answer(this.#frame!.subarray(0, this.#frameBytes));
    }
    return this.#error === undefined;
  }

  #answer(frame: Buffer): void {
    this.#lengthAt = 0;
    const request = this.#requests.shift();
    if (request?.correlationId !== frame.readInt32BE(0))
      return this.#end(new Error('an answer came to a request that was not made'));
    clearTimeout(request.timeout);
    request.answer(frame);
    this.#frame = undefined;
    if (this.#isLast && this.#requests.length === 0) this.#end();
  }

  #end(cause?: Error): void {
    if (this.#error !== undefined) return;
    this.#error = new StreamsError(
      'STREAMS_BROKER',
      `the connection to ${this.#address} is closed${cause === undefined ? '' : `: ${cause.message}`}`,
      { retriable: true, cause },
    );
    this.#socket.destroy();
    for (const { timeout, fail } of this.#requests.splice(0)) {
      clearTimeout(timeout);
      fail(this.#error);
    }
  }
}
