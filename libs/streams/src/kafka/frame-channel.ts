import { NetworkError, Reader, TimeoutError } from '@platformatic/kafka';
import type { Connection } from '@platformatic/kafka';

/** A request whose bytes may be many parts, and what becomes of its answer; of an API version with flexible headers. */
export interface Exchange<Response> {
  readonly apiKey: number;
  readonly apiVersion: number;
  /** What follows the request's header. Not to be changed before the answer is there. */
  readonly parts: readonly Buffer[];
  /** Where an answer of so many bytes goes, which may be longer; default: a buffer of its own. */
  readonly allocate?: (bytes: number) => Buffer;
  /** `body` is what `allocate` gave. */
  readonly parse: (reader: Reader, body: Buffer) => Response;
}

export interface FrameChannelOptions {
  readonly clientId: string;
  readonly timeoutMs: number;
}

interface Pending {
  readonly request: Exchange<unknown>;
  readonly resolve: (response: never) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/** Size and correlation id: what every answer begins with. */
const headBytes = 8;
const idBytes = 4;
/** No answer that was asked for is longer; what a TLS port says to plain text would be. */
const maxFrameBytes = 256 * 1024 * 1024;
/** Longer parts are given to the socket as they are, shorter ones are put together. */
const longPartBytes = 16 * 1024;
const noTaggedFields = 0;

/**
 * Exchanges large requests and answers over a connection that the client has opened, without putting parts together or answers
 * apart more than once. What others send over the connection keeps working: its answers are handed on.
 * @see https://kafka.apache.org/protocol.html#protocol_messages
 */
export class FrameChannel {
  readonly #connection: Connection;
  readonly #options: FrameChannelOptions;
  readonly #others: readonly ((chunk: Buffer) => void)[];
  readonly #pending = new Map<number, Pending>();
  /** The client's own ids go up from 0. */
  #lastId = 0;
  readonly #head = Buffer.allocUnsafeSlow(headBytes);
  #headAt = 0;
  #body: Buffer = nothing;
  #bodyAt = 0;
  #bodyEnd = 0;
  #answered: Pending | undefined;

  constructor(connection: Connection, options: FrameChannelOptions) {
    this.#connection = connection;
    this.#options = options;
    const { socket } = connection;
    this.#others = socket.listeners('data') as ((chunk: Buffer) => void)[];
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    for (const listener of this.#others) socket.off('data', listener);
    socket.once('close', () => this.#close());
  }

  /** @throws the client's network and timeout errors, and what `parse` throws */
  exchange<Response>(request: Exchange<Response>): Promise<Response> {
    return new Promise((resolve, reject) => {
      const { socket } = this.#connection;
      if (!this.#connection.isConnected() || socket.destroyed) {
        reject(new NetworkError('Connection closed'));
        return;
      }
      const id = (this.#lastId = this.#lastId === -(2 ** 31) ? -1 : this.#lastId - 1);
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new TimeoutError('Request timed out', { canRetry: true }));
        socket.destroy();
      }, this.#options.timeoutMs);
      this.#pending.set(id, { request, resolve, reject, timer });
      socket.cork();
      for (const part of gathered([this.#header(id, request), ...request.parts])) socket.write(part);
      socket.uncork();
    });
  }

  #header(id: number, { apiKey, apiVersion, parts }: Exchange<unknown>): Buffer {
    const clientId = Buffer.from(this.#options.clientId);
    const header = Buffer.allocUnsafe(15 + clientId.length);
    const bytes = parts.reduce((sum, part) => sum + part.length, header.length - idBytes);
    header.writeInt32BE(bytes, 0);
    header.writeInt16BE(apiKey, 4);
    header.writeInt16BE(apiVersion, 6);
    header.writeInt32BE(id, 8);
    header.writeInt16BE(clientId.length, 12);
    header.set(clientId, 14);
    header[14 + clientId.length] = noTaggedFields;
    return header;
  }

  #take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#headAt < headBytes) {
        const copied = chunk.copy(this.#head, this.#headAt, at);
        this.#headAt += copied;
        at += copied;
        if (this.#headAt < headBytes || !this.#begin()) return;
      }
      const copied = chunk.copy(this.#body, this.#bodyAt, at, at + this.#bodyEnd - this.#bodyAt);
      this.#bodyAt += copied;
      at += copied;
      if (this.#bodyAt === this.#bodyEnd) this.#end();
    }
  }

  /** Finds out whose answer begins; false when it makes no sense. */
  #begin(): boolean {
    const head = this.#head;
    const bytes = head.readInt32BE(0) - idBytes;
    const id = head.readInt32BE(idBytes);
    const answered = this.#pending.get(id);
    if (bytes <= 0 || bytes > maxFrameBytes || (id < 0 && answered === undefined)) {
      this.#connection.socket.destroy();
      return false;
    }
    this.#answered = answered;
    if (answered === undefined) {
      this.#body = Buffer.allocUnsafe(headBytes + bytes);
      this.#body.set(head);
      this.#bodyAt = headBytes;
    } else {
      this.#body = answered.request.allocate?.(bytes) ?? Buffer.allocUnsafeSlow(bytes);
      this.#bodyAt = 0;
      this.#pending.delete(id);
    }
    this.#bodyEnd = this.#bodyAt + bytes;
    return true;
  }

  #end(): void {
    const body = this.#body;
    const bytes = this.#bodyEnd;
    const answered = this.#answered;
    this.#headAt = 0;
    this.#body = nothing;
    this.#answered = undefined;
    if (answered === undefined) {
      for (const listener of this.#others) listener(body);
      return;
    }
    const { request, resolve, reject, timer } = answered;
    clearTimeout(timer);
    try {
      const reader = Reader.from(body.subarray(0, bytes));
      reader.readTaggedFields();
      resolve(request.parse(reader, body) as never);
    } catch (error) {
      reject(error);
    }
  }

  #close(): void {
    const waiting = [...this.#pending.values()];
    if (this.#answered !== undefined) waiting.push(this.#answered);
    this.#pending.clear();
    for (const { reject, timer } of waiting) {
      clearTimeout(timer);
      reject(new NetworkError('Connection closed'));
    }
  }
}

const nothing = Buffer.alloc(0);

/** Neighbouring short parts as one. */
function gathered(parts: readonly Buffer[]): Buffer[] {
  const result: Buffer[] = [];
  let short: Buffer[] = [];
  const put = () => {
    if (short.length > 0) result.push(Buffer.concat(short));
    short = [];
  };
  for (const part of parts) {
    if (part.length < longPartBytes) short.push(part);
    else {
      put();
      result.push(part);
    }
  }
  put();
  return result;
}
