import avsc from 'avsc';
import { describe, expect, it } from '@jest/globals';
import { parseSchema } from '../parse-schema.ts';
import type { Json } from '../schema.ts';
import { decoder } from './decoder.ts';
import { encoder } from './encoder.ts';
import { guard } from './guard.ts';
import { AvroPayloadError } from './payload-error.ts';
import { everyType, everyValue } from './testing/every-type.ts';
import { mutate } from './testing/mutate.ts';
import { BEYOND_2_52, comparable, withoutLogicalTypes } from './testing/plain.ts';
import { Random } from './testing/random.ts';

const MUTATIONS = Number(process.env['MILLRACE_MUTATIONS'] ?? 20_000);
const seed = Number(process.env['MILLRACE_SEED'] ?? 1);
const MAX_MS = 10;

describe('mutated payloads', () => {
  it(`neither kill, hang nor pollute, and what passes decodes as in avsc (${MUTATIONS}, seed ${seed})`, () => {
    const schema = parseSchema(everyType as unknown as Json);
    // Without logical types every long is read as a number.
    const value = { ...everyValue, large: 2 ** 53 - 2, exact: 1n, at_nanos: -1n };
    const bytes = Buffer.alloc(4_096);
    const valid = bytes.subarray(0, encoder(schema).encode(value, bytes, 0));
    const json = withoutLogicalTypes(everyType);
    const plain = parseSchema(json as Json);
    const type = avsc.Type.forSchema(json as avsc.Schema);
    const check = guard(plain);
    const ours = decoder({ writer: plain });
    const logical = decoder({ writer: schema });
    const random = new Random(seed);
    const slow: number[] = [];
    const { stackTraceLimit } = Error;
    // Stack traces would be most of the work.
    Error.stackTraceLimit = 0;
    let passed = 0;
    for (let run = 0; run < MUTATIONS; run++) {
      const mutated = mutate(valid, random);
      const start = performance.now();
      const fault = faultOf(() => check(mutated));
      if (performance.now() - start > MAX_MS) {
        // A pause of the machine or of the collector is not the guard's: what is slow is slow each time, in CPU time.
        const again = Array.from({ length: 5 }, () => cpuMsOf(() => faultOf(() => check(mutated))));
        if (Math.min(...again) > MAX_MS) slow.push(run);
      }
      if (fault !== undefined) {
        const same = faultOf(() => ours.decode(mutated));
        if (same?.message !== fault.message)
          throw new Error(`run ${run}: ${same?.message} is not ${fault.message}`);
        continue;
      }
      passed++;
      const mine = JSON.stringify(comparable(ours.decode(mutated)));
      const theirs = inAvsc(type, mutated);
      if (mine !== theirs && !(theirs === undefined && mine.includes(BEYOND_2_52))) {
        throw new Error(`run ${run}, seed ${seed}: ${mutated.toString('hex')} gives ${mine}, avsc ${theirs}`);
      }
      // With logical types, some of these are refused still; none may do anything else.
      faultOf(() => logical.decode(mutated));
    }
    Error.stackTraceLimit = stackTraceLimit;
    expect(slow).toEqual([]);
    expect(passed).toBeGreaterThan(MUTATIONS / 100);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    expect(Object.keys(Object.prototype)).toEqual([]);
  }, 600_000);
});

function cpuMsOf(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

/** Undefined where avsc refuses what it takes for an unsafe integer. */
function inAvsc(type: avsc.Type, bytes: Buffer): string | undefined {
  try {
    return JSON.stringify(comparable(type.fromBuffer(bytes)));
  } catch (error) {
    if (error instanceof Error && error.message === 'potential precision loss') return undefined;
    throw error;
  }
}

function faultOf(run: () => unknown): AvroPayloadError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof AvroPayloadError) return error;
    throw error;
  }
}
