import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startKafka } from '@millrace/embedded';
import type { KafkaOptions } from '@millrace/embedded';
import { selfSigned } from '@millrace/embedded/testing';
import { BatchWriter, RecordCursor } from '@millrace/record-batch';
import type { SASLOptions } from '@platformatic/kafka';
import { Kafka, logLevel } from 'kafkajs';
import { WireConnection } from '../src/kafka/wire-connection.ts';
import type { WireConnectionOptions } from '../src/kafka/wire-connection.ts';
import { produceApi } from '../src/kafka/produce.ts';
import { ReusedBuffers } from '../src/kafka/reused-buffers.ts';

const topic = 'fetched';
const users = { alice: 'correct horse' };
const alice = { username: 'alice', password: 'correct horse' };
const values = Array.from({ length: 300 }, (_, n) => `${n} ${'x'.repeat((n * 7_919) % 9_000)}`);
const fetching = { maxWaitMs: 50, minBytes: 1, maxBytes: 32 * 1024 * 1024 };

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

function optionsWith(more: Partial<WireConnectionOptions>): WireConnectionOptions {
  const { tls, sasl, requestTimeoutMs = 30_000, buffers = new ReusedBuffers() } = more;
  return { tls, sasl, requestTimeoutMs, buffers, clientId: 'wire-test' };
}

async function open(port: number, more: Partial<WireConnectionOptions>): Promise<WireConnection> {
  const connection = await WireConnection.open({ host: '127.0.0.1', port }, optionsWith(more));
  undo.push(() => connection.close());
  return connection;
}

/** A broker with a topic of one partition that holds `values`. */
async function brokerWith(options: KafkaOptions, ssl?: { ca: string[] }): Promise<number> {
  const kafka = await startKafka(options);
  undo.push(() => kafka.stop());
  const client = new Kafka({
    brokers: kafka.brokers,
    logLevel: logLevel.NOTHING,
    ...(options.sasl && { sasl: { mechanism: 'plain', ...alice } }),
    ...(ssl && { ssl }),
  });
  const producer = client.producer();
  await producer.connect();
  for (let at = 0; at < values.length; at += 100)
    await producer.send({ topic, messages: values.slice(at, at + 100).map((value) => ({ value })) });
  await producer.disconnect();
  return Number(kafka.brokers[0]!.split(':')[1]);
}

/** All values, fetched in several answers of about `maxBytes`. */
async function readAll(connection: WireConnection, maxBytes: number): Promise<string[]> {
  const read: string[] = [];
  const cursor = new RecordCursor();
  while (read.length < values.length) {
    const place = { topic, partition: 0, offset: read.length, maxBytes };
    const { partitions, release } = await connection.fetch(fetching, [place]);
    const [partition] = partitions;
    expect(partition!.errorCode).toBe(0);
    if (partition!.records !== undefined) {
      cursor.open(partition!.records, { fromOffset: read.length });
      while (cursor.next()) read.push(cursor.bytes.toString('utf8', cursor.valueStart, cursor.valueEnd));
    }
    release();
  }
  return read;
}

describe('a connection for much data', () => {
  it('reads what is there, answer after answer into the same memory', async () => {
    const connection = await open(await brokerWith({}), {});
    expect(await readAll(connection, 100_000)).toEqual(values);
    expect(await readAll(connection, 10_000_000)).toEqual(values);
    const fetch = () =>
      connection.fetch(fetching, [{ topic, partition: 0, offset: 0, maxBytes: 10_000_000 }]);
    const [first, second] = [await fetch(), await fetch()];
    const memory = first.partitions[0]!.records!.buffer;
    expect(second.partitions[0]!.records!.buffer).not.toBe(memory);
    first.release();
    expect((await fetch()).partitions[0]!.records!.buffer).toBe(memory);
  });

  for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)
    it(`goes over TLS and logs in by ${mechanism}, not with a wrong password`, async () => {
      const certificate = selfSigned();
      const ca = [certificate.cert];
      const port = await brokerWith({ sasl: { users }, tls: certificate }, { ca });
      const as = (sasl: SASLOptions) => open(port, { tls: { ca }, sasl });
      expect(await readAll(await as({ mechanism, ...alice }), 200_000)).toEqual(values);
      await expect(as({ mechanism, ...alice, password: 'wrong' })).rejects.toThrow();
      await expect(open(port, { tls: {} })).rejects.toThrow(/self-signed/);
    });

  it('sends short and long batches as they are, several requests at once, and gives each its answer', async () => {
    const connection = await open(await brokerWith({}), {});
    const batch = (bytes: number) => {
      const writer = new BatchWriter();
      writer.append(0, null, Buffer.alloc(bytes, bytes));
      return { topic, partition: 0, bytes: writer.finish() };
    };
    const sizes = [1, 400_000, 20_000, 100];
    const produced = await Promise.all(
      sizes.map((bytes) => connection.call(produceApi, null, [batch(bytes)])),
    );
    expect(produced.flat().map(({ baseOffset }) => baseOffset - values.length)).toEqual([0, 1, 2, 3]);
    const place = { topic, partition: 0, offset: values.length, maxBytes: 1_000_000 };
    const cursor = new RecordCursor();
    cursor.open((await connection.fetch(fetching, [place])).partitions[0]!.records!, {
      fromOffset: values.length,
    });
    for (const bytes of sizes) {
      expect(cursor.next()).toBe(true);
      expect(cursor.bytes.subarray(cursor.valueStart, cursor.valueEnd)).toEqual(Buffer.alloc(bytes, bytes));
    }
  });

  it('says that it is closed when the broker goes or is none, and is then of no use', async () => {
    const answers = [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), Buffer.alloc(0)];
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(answers.shift()!));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    undo.push(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as AddressInfo;
    for (const reason of [/bytes long/, /is closed/]) {
      const connection = await open(port, {});
      expect(connection.isUsable).toBe(true);
      await expect(connection.fetch(fetching, [])).rejects.toThrow(reason);
      expect(connection.isUsable).toBe(false);
      await expect(connection.fetch(fetching, [])).rejects.toMatchObject({ code: 'STREAMS_BROKER' });
    }
  });

  it('gives a request up that is not answered in time', async () => {
    const server = createServer((socket) => void socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    undo.push(() => new Promise((resolve) => server.close(resolve)));
    const connection = await open((server.address() as AddressInfo).port, { requestTimeoutMs: 50 });
    await expect(connection.fetch(fetching, [])).rejects.toThrow(/timed out/);
  });
});
