import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { apiVersionsV1, Connection } from '@platformatic/kafka';
import { FrameChannel } from '../src/kafka/frame-channel.ts';
import type { Exchange } from '../src/kafka/frame-channel.ts';

const apiKey = 0;
const idAt = 8;
/** Behind size, key, version, id and the client's name, with its length and the tags. */
const contentAt = 14 + 'test'.length + 1;

/** The request's own content comes back. */
const echo = (text: string, parts = [text]): Exchange<string> => ({
  apiKey,
  apiVersion: 9,
  parts: parts.map((part) => Buffer.from(part)),
  parse: (reader) => reader.buffer.subarray(reader.position, reader.length).buffer.toString(),
});

function answer(request: Buffer): Buffer {
  const content = request.subarray(contentAt);
  const head = Buffer.alloc(idAt + 1);
  head.writeInt32BE(5 + content.length, 0);
  request.copy(head, 4, idAt, idAt + 4);
  return Buffer.concat([head, content]);
}

describe('a frame channel', () => {
  let server: Server;
  let connection: Connection;
  let sent: Buffer[];
  let respond: (socket: Socket, request: Buffer) => void;

  beforeEach(async () => {
    sent = [];
    respond = (socket, request) => socket.write(answer(request));
    server = createServer((socket) => {
      let left = Buffer.alloc(0);
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        left = Buffer.concat([left, chunk as Buffer]);
        while (left.length >= 4 && left.length >= 4 + left.readInt32BE(0)) {
          const request = left.subarray(0, 4 + left.readInt32BE(0));
          left = left.subarray(request.length);
          sent.push(request);
          respond(socket, request);
        }
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    connection = new Connection('test');
    await connection.connect('127.0.0.1', (server.address() as AddressInfo).port);
  });

  afterEach(async () => {
    await connection.close();
    server.close();
  });

  const channel = (timeoutMs = 60_000) => new FrameChannel(connection, { clientId: 'test', timeoutMs });

  it('sends short and long parts in their order and gives each request its answer, in whatever pieces it comes', async () => {
    respond = (socket, request) => {
      for (const byte of answer(request).subarray(0, 20)) socket.write(Buffer.of(byte));
      socket.write(answer(request).subarray(20));
    };
    const long = 'x'.repeat(300_000);
    const one = channel();
    expect(
      await Promise.all([
        one.exchange(echo('', ['a', 'b', long, 'c', 'd'])),
        one.exchange(echo('second')),
        one.exchange(echo(long)),
      ]),
    ).toEqual([`ab${long}cd`, 'second', long]);
    expect(sent).toHaveLength(3);
  });

  it('gives answers the memory that the request wants', async () => {
    const memory = Buffer.alloc(100);
    const body = await channel().exchange({
      ...echo('kept'),
      allocate: () => memory,
      parse: (_, given) => given,
    });
    expect(body).toBe(memory);
    expect(memory.subarray(1, 5).toString()).toBe('kept');
  });

  it('leaves the answers of other requests to the client', async () => {
    const one = channel();
    // No error, no API, no throttling; its header has no tags.
    const body = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    respond = (socket, request) => {
      if (request.readInt16BE(4) === apiKey) return void socket.write(answer(request));
      const head = Buffer.alloc(8);
      head.writeInt32BE(4 + body.length, 0);
      request.copy(head, 4, idAt, idAt + 4);
      socket.write(Buffer.concat([head, body]));
    };
    const [versions, text] = await Promise.all([
      apiVersionsV1.api.async(connection, 'test', '1'),
      one.exchange(echo('mine')),
    ]);
    expect(versions.apiKeys).toEqual([]);
    expect(text).toBe('mine');
  });

  it('fails what is under way when the connection ends, or says what no broker says', async () => {
    respond = (socket, request) =>
      request.includes('end') ? void socket.end() : void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
    const one = channel();
    await expect(one.exchange(echo('end'))).rejects.toMatchObject({ code: 'PLT_KFK_NETWORK' });
    await expect(one.exchange(echo('more'))).rejects.toMatchObject({ code: 'PLT_KFK_NETWORK' });
    connection = new Connection('test');
    await connection.connect('127.0.0.1', (server.address() as AddressInfo).port);
    await expect(channel().exchange(echo('nonsense'))).rejects.toMatchObject({ code: 'PLT_KFK_NETWORK' });
  });

  it('gives up, connection and all, when no answer comes in time', async () => {
    respond = () => undefined;
    await expect(channel(20).exchange(echo('never'))).rejects.toThrow('Request timed out');
    expect(connection.socket.destroyed).toBe(true);
  });
});
