import { BatchWriter, CODECS, RecordCursor, type Codec } from '@millrace/record-batch';
import { median } from '../bench.ts';
import { BATCH_RECORDS, type Rows } from './rows.ts';

const ROUNDS = 5;

/** Cursor and writer alone, without a broker, per codec; returns the figures without compression. */
export function measureMemory(rows: Rows): { readPerSecond: number; writtenPerSecond: number } {
  console.log(`\n${'in memory, one thread'.padEnd(24)}    written/s       read/s   bytes/record`);
  const [first] = CODECS.map((codec) => {
    const batches = write(rows, codec);
    const set = Buffer.concat(batches);
    const result = {
      writtenPerSecond: rate(rows, () => void write(rows, codec)),
      readPerSecond: rate(rows, () => read(rows, set)),
    };
    const columns = [result.writtenPerSecond, result.readPerSecond].map((value) =>
      Math.round(value).toLocaleString('en').padStart(13),
    );
    const bytes = (set.length / rows.count).toFixed(1).padStart(15);
    console.log(`${codec.padEnd(24)}${columns.join('')}${bytes}`);
    return result;
  });
  return first!;
}

function rate(rows: Rows, action: () => void): number {
  action();
  const rates = Array.from({ length: ROUNDS }, () => {
    const startedAt = process.hrtime.bigint();
    action();
    return rows.count / (Number(process.hrtime.bigint() - startedAt) / 1e9);
  });
  return median(rates);
}

function write({ count, keys, values, timestampsMs }: Rows, compression: Codec): Buffer[] {
  const writer = new BatchWriter({ compression, initialBytes: 1 << 19 });
  const batches: Buffer[] = [];
  for (let index = 0; index < count; index++) {
    writer.append(timestampsMs[index]!, keys[index]!, values[index]!);
    if (writer.recordCount < BATCH_RECORDS && index < count - 1) continue;
    batches.push(Buffer.from(writer.finish({ baseOffset: index + 1 - writer.recordCount })));
    writer.reset();
  }
  return batches;
}

function read(rows: Rows, set: Buffer): void {
  const cursor = new RecordCursor();
  cursor.open(set);
  let count = 0;
  let bytes = 0;
  while (cursor.next()) {
    count++;
    bytes += cursor.valueEnd - cursor.keyStart;
  }
  if (count !== rows.count || bytes === 0 || cursor.nextOffset !== count) {
    throw new Error(`read ${count} of ${rows.count} records`);
  }
}
