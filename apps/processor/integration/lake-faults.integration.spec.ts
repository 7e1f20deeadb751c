import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { accessLogEvent, seededRandom, simulatedRequest, webLogs } from '@millrace/pipelines';
import {
  AccessLogSchema,
  connectRegistry,
  createReader,
  createWriter,
  type ValueWriter,
} from '@millrace/schemas';
import { type Lake, openLake } from '@millrace/storage';
import { type Fault, faultProxy, type FaultProxy } from '@millrace/storage/testing';
import type { Kafka, Producer } from 'kafkajs';
import { Registry } from 'prom-client';
import { LakeSink } from '../src/lake/lake-sink.ts';
import { type LakeSource, lakeSources } from '../src/lake/lake-source.ts';
import { sinkMetrics } from '../src/sinks/sink-metrics.ts';
import { connectKafka, run } from './store-world.ts';

const {
  MILLRACE_TEST_KAFKA_BROKERS: brokers,
  MILLRACE_TEST_REGISTRY_URL: registryUrl,
  MILLRACE_TEST_S3_ENDPOINT: endpoint,
} = process.env;
const isReal = [brokers, registryUrl, endpoint].every((variable) => variable !== undefined);
const onRealServices = isReal ? describe : describe.skip;
const seed = Number(process.env['MILLRACE_SEED'] ?? Date.now() % 1_000_000);
const credentials = { accessKeyId: 'millrace', secretAccessKey: 'millrace-secret' };
const bucket = `test-lake-${process.pid}-${Date.now()}`;
const topic = `${run}.logs`;
/** More than the sink writes at once. */
const partitions = 6;
const rounds = 12;
const faults: readonly Fault[] = ['error', 'error after', 'cut upload', 'cut answer', 'slow'];

onRealServices(
  `the lake sink on an S3 that answers 500, slowly, and cuts uploads (MILLRACE_SEED=${seed})`,
  () => {
    const registry = connectRegistry({ url: registryUrl! });
    const client = new S3Client({
      region: 'us-east-1',
      forcePathStyle: true,
      credentials,
      endpoint: endpoint!,
    });
    let kafka: Kafka;
    let producer: Producer;
    let proxy: FaultProxy;
    let direct: Lake;
    let writer: ValueWriter;
    const source: LakeSource = { ...lakeSources([webLogs])[0]!, topic };
    const addressOf = (url: string) => `s3://${bucket}/raw?endpoint=${encodeURIComponent(url)}`;
    const open = (url: string) => openLake(addressOf(url), { credentials });

    beforeAll(async () => {
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      const random = seededRandom(seed);
      proxy = await faultProxy(endpoint!, () =>
        random.next() < 0.5 ? 'none' : faults[Math.floor(random.next() * faults.length)]!,
      );
      direct = await open(endpoint!);
      kafka = connectKafka(brokers!);
      const admin = kafka.admin();
      await admin.connect();
      await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: partitions }] });
      await admin.disconnect();
      producer = kafka.producer();
      await producer.connect();
      const subject = `${topic}-value`;
      writer = await createWriter({ registry, subject, schema: AccessLogSchema, autoRegister: true });
    });
    afterAll(async () => {
      await producer.disconnect();
      const admin = kafka.admin();
      await admin.connect();
      await admin.deleteTopics({ topics: [topic] });
      await admin.disconnect();
      await fetch(`${registryUrl}/subjects/${topic}-value`, { method: 'DELETE' });
      await proxy.stop();
      await direct.close();
      for (const Key of await storedKeys())
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
      await client.send(new DeleteBucketCommand({ Bucket: bucket }));
      client.destroy();
    });

    async function storedKeys(): Promise<string[]> {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
      return Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
    }

    async function startSink(): Promise<{ sink: LakeSink; lake: Lake }> {
      const lake = await open(proxy.url);
      const sink = new LakeSink({
        kafka,
        lake,
        sources: [source],
        groupId: `${topic}.lake`,
        reader: ({ schema }) => createReader({ registry, schema }),
        fileMs: 500,
        meter: sinkMetrics(new Registry())('lake'),
        log: () => undefined,
      });
      sink.start();
      return { sink, lake };
    }

    async function send(from: number, count: number): Promise<void> {
      const messages = Array.from({ length: count }, (_, index) => {
        const at = from + index;
        const line = simulatedRequest(1, at, Date.UTC(2026, 10, 20) + at * 1000);
        const value = writer.write(accessLogEvent(line, { text: String(at), simulated: true }));
        return { partition: at % partitions, value };
      });
      await producer.send({ topic, messages });
    }

    /** The offsets in all files that the lake lists, by partition. Reading a file that is not whole fails. */
    async function offsetsInLake(): Promise<number[][]> {
      const offsets: number[][] = Array.from({ length: partitions }, () => []);
      for (const { key } of await direct.files(topic)) {
        for (const row of await direct.rows(key))
          offsets[Number(row['kafka_partition'])]!.push(Number(row['kafka_offset']));
      }
      return offsets.map((list) => list.sort((a, b) => a - b));
    }

    it('lists no partial object and holds each event once, also over restarts', async () => {
      const perRound = 200;
      let running = await startSink();
      for (let round = 0; round < rounds; round++) {
        await send(round * perRound, perRound);
        await sleep(300);
        if (round % 4 !== 3) continue;
        await running.sink.stop();
        await running.lake.close();
        running = await startSink();
      }
      const wanted = (rounds * perRound) / partitions;
      const count = async () => (await offsetsInLake()).reduce((sum, list) => sum + list.length, 0);
      for (let attempt = 0; attempt < 150 && (await count()) < wanted * partitions; attempt++)
        await sleep(400);
      await running.sink.stop();
      await running.lake.close();
      const all = Array.from({ length: wanted }, (_, offset) => offset);
      expect(await offsetsInLake()).toEqual(Array.from({ length: partitions }, () => all));
      for (const fault of faults) expect([fault, proxy.done.get(fault) ?? 0]).not.toEqual([fault, 0]);
      // Also what no commit lists (yet) is whole: an upload that was cut has left nothing.
      for (const key of await storedKeys())
        if (key.endsWith('.parquet'))
          expect((await direct.rows(key.slice('raw/'.length))).length).toBeGreaterThan(0);
    }, 150_000);
  },
);
