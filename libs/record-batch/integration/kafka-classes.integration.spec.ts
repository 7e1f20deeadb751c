import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BatchWriter, CODECS, controlBatch } from '../src/index.ts';

/** A folder of Apache Kafka's jars; `java` must be a JDK, which compiles the program as it starts it. */
const libs = process.env['MILLRACE_TEST_KAFKA_LIBS'];
const program = join(import.meta.dirname, 'Records.java');

function java(command: 'read' | 'write', input = ''): string[] {
  const { status, stdout, stderr } = spawnSync('java', ['-cp', `${libs}/*`, program, command], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`java ended with ${status}: ${stderr}`);
  return stdout.trim().split('\n');
}

(libs === undefined ? describe.skip : describe)("Apache Kafka's own classes", () => {
  it('write the bytes that the golden file holds', () => {
    const golden = readFileSync(join(import.meta.dirname, '../golden/kafka-4.1.0.txt'), 'utf8')
      .trim()
      .split('\n');
    // What a codec makes of the same records may differ with the libraries of the machine.
    const exact = (lines: string[]) => lines.filter((line) => /^(none|commit|abort) /.test(line));
    expect(exact(golden)).toHaveLength(3);
    expect(exact(java('write'))).toEqual(exact(golden));
  });

  it('read the batches of every codec, and the control batches', () => {
    const hex = (bytes: Buffer | null) => (bytes === null ? 'null' : bytes.toString('hex') || '-');
    const input: string[] = [];
    const expected: string[] = [];
    for (const compression of CODECS) {
      const writer = new BatchWriter({ compression });
      const records: string[] = [];
      for (let i = 0; i < 3000; i++) {
        const timestampMs = 1_700_000_000_000 + (i % 2 === 0 ? i * 1000 : -i * 3_600_000);
        const key = i % 7 === 0 ? null : Buffer.from(`key ${i}`);
        const value = i % 11 === 0 ? null : Buffer.from(`value ${i * 7919} `.repeat(i % 30));
        const headers = i % 5 === 0 ? [{ name: 'trace', value: Buffer.from(`${i}`) }] : [];
        writer.append(timestampMs, key, value, headers);
        const trailer = headers.map((header) => ` ${header.name}=${hex(header.value)}`).join('');
        records.push(`${1000 + i} ${timestampMs} ${hex(key)} ${hex(value)}${trailer}`);
      }
      const batch = writer.finish({ baseOffset: 1000, producerId: 77, producerEpoch: 2, baseSequence: 5 });
      input.push(batch.toString('hex'));
      expected.push(`batch 1000 3999 ${compression} false false 77 2 5`, ...records);
    }
    for (const type of ['commit', 'abort'] as const) {
      const marker = {
        type,
        producerId: 8,
        producerEpoch: 1,
        coordinatorEpoch: 3,
        timestampMs: 5,
        baseOffset: 4,
      };
      input.push(controlBatch(marker).toString('hex'));
      expected.push('batch 4 4 none true true 8 1 -1', `marker ${type.toUpperCase()} 3`);
    }
    expect(java('read', input.join('\n'))).toEqual(expected);
  });
});
