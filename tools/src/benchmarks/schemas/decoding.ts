/** Decoding and encoding of one record type, beside bare avsc and the registry client. */
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { decoder, encoder, guard, parseSchema, type Json } from '@millrace/avro';
import { connectRegistry, createReader, createWriter, type TypedSchema } from '@millrace/schemas';
import avsc from 'avsc';
import { atLeast, atMost, median, type Aim } from '../bench.ts';

export interface Subject<Row> {
  readonly name: string;
  readonly schema: TypedSchema<Row>;
  readonly rows: readonly Row[];
  /** What a pipeline would read of it. */
  readonly fields: readonly (keyof Row & string)[];
}

const ROUNDS = 15;
const FRAME_BYTES = 5;

export async function benchDecoding<Row extends object>(
  subject: Subject<Row>,
  registryUrl: string,
): Promise<Aim[]> {
  const { name, schema, rows, fields } = subject;
  const registry = connectRegistry({ url: registryUrl });
  const topicSubject = `bench-${name}-${Date.now()}-value`;
  const writer = await createWriter<Row>({ registry, subject: topicSubject, schema, autoRegister: true });
  const framed = rows.map((row) => writer.write(row));
  const parsed = parseSchema(schema as unknown as Json);
  const type = avsc.Type.forSchema(schema as unknown as avsc.Schema);
  const bare = rows.map((row) => type.toBuffer(row));
  const client = new SchemaRegistry({ host: registryUrl });
  const { id } = await client.register(
    { type: SchemaType.AVRO, schema: JSON.stringify(schema) },
    { subject: topicSubject, compatibility: (await registry.compatibility(topicSubject)) as never },
  );

  // As they come from Kafka: one buffer, a range per record.
  const all = Buffer.concat(framed);
  const ends = Uint32Array.from(
    framed,
    (
      (end) => (bytes: Buffer) =>
        (end += bytes.length)
    )(0),
  );
  const each = (visit: (start: number, end: number, index: number) => void) => {
    let start = 0;
    for (let index = 0; index < ends.length; index++) {
      const end = ends[index] as number;
      visit(start, end, index);
      start = end;
    }
  };

  const check = guard(parsed);
  const whole = decoder<Row>({ writer: parsed });
  const encode = encoder<Row>(parsed);
  const out = Buffer.alloc(10_000);
  const projected = createReader<Row>({ registry, schema, fields });
  const full = createReader<Row>({ registry, schema });
  for (const reader of [projected, full]) {
    if (reader.read(all, 0, ends[0] as number) === 1) await reader.resolve();
  }

  each((start, end, index) => {
    const row = rows[index] as Row;
    check(all, start + FRAME_BYTES, end);
    const same = (value: unknown, expected: object) => {
      if (JSON.stringify(value) !== JSON.stringify(expected))
        throw new Error(`${name} ${index}: ${JSON.stringify(value)}`);
    };
    same(whole.decode(all, start + FRAME_BYTES, end), row);
    same(type.fromBuffer(all.subarray(start + FRAME_BYTES, end)), row);
    if (full.read(all, start, end) !== 0 || projected.read(all, start, end) !== 0)
      throw new Error(projected.fault?.message);
    same(full.row, row);
    for (const field of fields)
      if (projected.row[field] !== row[field]) throw new Error(`${name} ${index}: ${field}`);
    if (!out.subarray(0, encode.encode(row, out, 0)).equals(bare[index] as Buffer))
      throw new Error(`${name}: bytes differ`);
  });

  const ns: Record<string, number> = await interleaved(rows.length, {
    'avsc decode': () => bare.forEach((bytes) => void type.fromBuffer(bytes)),
    'registry client decode': async () => {
      for (const bytes of framed) await client.decode(bytes);
    },
    guard: () => each((start, end) => check(all, start + FRAME_BYTES, end)),
    'guarded decode, new objects': () =>
      each((start, end) => void whole.decode(all, start + FRAME_BYTES, end)),
    'reader, all fields': () => each((start, end) => void full.read(all, start, end)),
    [`reader, ${fields.length} fields`]: () => each((start, end) => void projected.read(all, start, end)),
    'avsc encode': () => rows.forEach((row) => void type.toBuffer(row)),
    'registry client encode': async () => {
      for (const row of rows) await client.encode(id, row);
    },
    'checked encode into a buffer': () => rows.forEach((row) => void encode.encode(row, out, 0)),
    writer: () => rows.forEach((row) => void writer.write(row)),
  });
  const average = Math.round(all.length / rows.length);
  console.log(
    `${name}: ${schema.fields.length} fields, ${average} bytes on average, median of ${ROUNDS} rounds`,
  );
  for (const [what, time] of Object.entries(ns))
    console.log(`  ${what.padEnd(30)} ${time.toFixed(0).padStart(7)} ns`);
  const of = (what: string) => ns[what] as number;
  return [
    atMost(
      `${name}: guarded and projected decoding, of bare full avsc`,
      1,
      of(`reader, ${fields.length} fields`) / of('avsc decode'),
      'ratio',
    ),
    atLeast(
      `${name}: guarded and projected decoding beside the registry client's`,
      5,
      of('registry client decode') / of(`reader, ${fields.length} fields`),
      'times',
    ),
    atMost(
      `${name}: guard alone, of bare full avsc decoding`,
      0.25,
      of('guard') / of('avsc decode'),
      'ratio',
    ),
  ];
}

/** Rounds of all in turn, so that a slow moment of the machine hits each alike; nanoseconds per row. */
async function interleaved(
  count: number,
  runs: Record<string, () => void | Promise<void>>,
): Promise<Record<string, number>> {
  const times = new Map<string, number[]>(Object.keys(runs).map((name) => [name, []]));
  for (let round = -3; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(runs)) {
      const start = process.hrtime.bigint();
      await run();
      if (round >= 0) times.get(name)?.push(Number(process.hrtime.bigint() - start) / count);
    }
  }
  return Object.fromEntries([...times].map(([name, values]) => [name, median(values)]));
}
