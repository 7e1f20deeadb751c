import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { startKafka, type Kafka } from '../src/index.ts';
import { handlers } from '../src/broker/handlers/index.ts';
import type { Api, Fields } from '../src/broker/protocol/schema.ts';
import { MAX_REQUEST_BYTES } from '../src/broker/network/frame-splitter.ts';
import { reserveVictim } from './crash/victim.ts';
import { batchOf, createTopic, fetchFrom, produceBatch } from './log-client.ts';
import { requestBytes, WireClient } from './wire-client.ts';

const seed = Number(process.env['MILLRACE_SEED'] ?? Date.now() % 1_000_000);
const CONNECTIONS = Number(process.env['MILLRACE_FUZZ_CONNECTIONS'] ?? 10_000);
const MIB = 1024 * 1024;

describe(`a broker that is sent nonsense (seed ${seed})`, () => {
  let kafka: Kafka;
  let errors: unknown[];
  beforeEach(async () => {
    errors = [];
    kafka = await startKafka({ onError: (error) => errors.push(error) });
  });
  afterEach(async () => {
    await kafka.stop();
    expect(errors).toEqual([]);
  });

  const open = async (port = kafka.port): Promise<Socket> => {
    const socket = connect({ port, host: kafka.host });
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };

  /** Sends bytes and the end of the connection, and waits until the broker has closed it too. */
  const offer = async (bytes: Buffer): Promise<void> => {
    const socket = await open();
    socket.resume();
    const closed = once(socket, 'close');
    socket.end(bytes);
    await closed;
  };

  const expectAlive = async (broker = kafka.brokers[0]!) => {
    const client = await WireClient.connect(broker);
    const topic = `alive-${Math.random().toString(36).slice(2)}`;
    expect(await createTopic(client, topic)).toBe(0);
    expect((await produceBatch(client, { topic }, batchOf([{ value: 'x' }]))).errorCode).toBe(0);
    expect((await fetchFrom(client, { topic })).highWatermark).toBe(1);
    client.close();
  };

  it('lives on after random bytes', async () => {
    const bytes = fc.uint8Array({ maxLength: 2000 });
    await fc.assert(
      fc.asyncProperty(bytes, (random) => offer(Buffer.from(random))),
      { numRuns: 300, seed },
    );
    await expectAlive();
  });

  it('lives on after frames of each API and version with random contents', async () => {
    const apis = [...handlers.values()].map(({ api }) => api);
    const frame = fc
      .tuple(fc.constantFrom(...apis), fc.nat(20), fc.uint8Array({ maxLength: 300 }))
      .map(([api, version, body]) => framed(Buffer.concat([header(api.key, version), Buffer.from(body)])));
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 5 }), (frames) => offer(Buffer.concat(frames))),
      { numRuns: 1500, seed },
    );
    await expectAlive();
  }, 120_000);

  it('lives on after good requests with single bytes changed, or cut off', async () => {
    const good = [...handlers.values()].flatMap(({ api }) => samples(api));
    const change = fc.record({ at: fc.nat(), to: fc.nat(255), cut: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...good), fc.array(change, { maxLength: 3 }), (request, changes) => {
        let bytes = Buffer.from(request);
        for (const { at, to, cut } of changes) {
          if (cut) bytes = bytes.subarray(0, at % bytes.length);
          else if (bytes.length > 4) bytes[4 + (at % (bytes.length - 4))] = to;
          if (bytes.length === 0) return offer(bytes);
        }
        return offer(bytes);
      }),
      { numRuns: 1500, seed },
    );
    await expectAlive();
  }, 120_000);

  it('closes a connection that announces more than it takes, or a negative length, at once', async () => {
    for (const length of [2 ** 31 - 1, MAX_REQUEST_BYTES + 1, -1, -(2 ** 31)]) {
      const socket = await open();
      const closed = once(socket, 'close');
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(length);
      socket.write(bytes);
      await closed;
    }
    await expectAlive();
  });

  it('closes a connection that calls an API or a version it does not know', async () => {
    for (const [key, version] of [
      [999, 0],
      [-1, 0],
      [1, 99],
      [3, -1],
    ] as const) {
      const socket = await open();
      const closed = once(socket, 'close');
      socket.write(framed(header(key, version)));
      await closed;
    }
    await expectAlive();
  });

  it('holds no more memory than was sent, whatever lists are announced', async () => {
    const before = process.memoryUsage().rss;
    const hundreds = Array.from({ length: 100 }, async () => {
      const bytes = Buffer.alloc(1000);
      header(3, 1).copy(bytes);
      bytes.writeInt32BE(2 ** 31 - 1, 10);
      await offer(framed(bytes));
    });
    await Promise.all(hundreds);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * MIB);
  });

  it(`serves others while ${CONNECTIONS} connections are open and say nothing`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-idle-'));
    // In a process of its own, for its memory to be told from that of the other ends.
    const victim = await reserveVictim(folder).start();
    const before = victim.residentBytes();
    const sockets: Socket[] = [];
    const port = Number(victim.broker.split(':')[1]);
    for (let count = 0; count < CONNECTIONS; count += 500) {
      const some = Array.from({ length: Math.min(500, CONNECTIONS - count) }, () => open(port));
      sockets.push(...(await Promise.all(some)));
    }
    await expectAlive(victim.broker);
    expect(sockets.filter((socket) => socket.destroyed)).toHaveLength(0);
    expect(victim.residentBytes() - before).toBeLessThan(300 * MIB);
    for (const socket of sockets) socket.destroy();
    await expectAlive(victim.broker);
    await victim.kill();
    rmSync(folder, { recursive: true });
  }, 120_000);
});

function header(apiKey: number, version: number): Buffer {
  const bytes = Buffer.alloc(10);
  bytes.writeInt16BE(apiKey, 0);
  bytes.writeInt16BE(version, 2);
  bytes.writeInt32BE(1, 4);
  bytes.writeInt16BE(-1, 8);
  return bytes;
}

function framed(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A request of each version of an API in which every list has one element. */
function samples(api: Api): Buffer[] {
  const [oldest, newest] = api.versions;
  const request = filled(api.request);
  return Array.from({ length: newest - oldest + 1 }, (_, index) =>
    requestBytes(api, request as never, { version: oldest + index, correlationId: 1 }),
  );
}

function filled(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      if (field.kind === 'scalar') return [name, scalars[field.type]];
      const { element } = field;
      return [name, [typeof element === 'string' ? scalars[element] : filled(element)]];
    }),
  );
}

const scalars = {
  bool: false,
  int8: 0,
  int16: 1,
  int32: 1,
  int64: 1,
  uuid: '0123456789abcdef0123456789abcdef',
  string: 'some-name',
  'string?': 'some-name',
  bytes: Buffer.from('some bytes'),
  'bytes?': Buffer.from('some bytes'),
  'records?': batchOf([{ key: 'k', value: 'v' }]),
};
