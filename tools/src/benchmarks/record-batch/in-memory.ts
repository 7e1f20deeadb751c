import { BatchWriter, CODECS, RecordCursor, type Codec } from '@millrace/record-batch';
import { median } from '../bench.ts';
import { BATCH_RECORDS, type Rows } from './rows.ts';

const ROUNDS = 5;

export interface InMemory {
  readonly readPerSecond: number;
  readonly writtenPerSecond: number;
  /** All codecs' figures, to be printed. */
  readonly table: string;
}

/** Cursor and writer alone, per codec, by the processor time they take; returns the figures without compression. */
export function measureMemory(rows: Rows): InMemory {
  const lines = [`\n${'in memory, a CPU second'.padEnd(24)}      written         read   bytes/record`];
  const [first] = CODECS.map((codec) => {
    const batches: Buffer[] = [];
    write(rows, codec, (batch) => batches.push(Buffer.from(batch)));
    const set = Buffer.concat(batches);
    const result = {
      writtenPerSecond: rate(rows, () => write(rows, codec, () => undefined)),
      readPerSecond: rate(rows, () => read(rows, set)),
    };
    const columns = [result.writtenPerSecond, result.readPerSecond].map((value) =>
      Math.round(value).toLocaleString('en').padStart(13),
    );
    const bytes = (set.length / rows.count).toFixed(1).padStart(15);
    lines.push(`${codec.padEnd(24)}${columns.join('')}${bytes}`);
    return result;
  });
  return { ...first!, table: lines.join('\n') };
}

function rate(rows: Rows, action: () => void): number {
  action();
  const rates = Array.from({ length: ROUNDS }, () => {
    const cpuAtStart = process.cpuUsage();
    action();
    const cpu = process.cpuUsage(cpuAtStart);
    return rows.count / ((cpu.user + cpu.system) / 1e6);
  });
  return median(rates);
}

function write(rows: Rows, compression: Codec, take: (batch: Buffer) => void): void {
  const { count, keys, values, timestampsMs } = rows;
  const writer = new BatchWriter({ compression, initialBytes: 1 << 19 });
  for (let index = 0; index < count; index++) {
    writer.append(timestampsMs[index]!, keys[index]!, values[index]!);
    if (writer.recordCount < BATCH_RECORDS && index < count - 1) continue;
    take(writer.finish({ baseOffset: index + 1 - writer.recordCount }));
    writer.reset();
  }
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
