import type { RawRecord } from '../harness/golden-cluster.ts';
import { pipelines } from '../../src/index.ts';
import { partitionCount } from '../harness/golden-pipeline.ts';

/** So many different ids of each pipeline, which no registry has. */
const unknownIds = 50;

/** The first unknown id of a pipeline's bad records. */
export const firstIdOf = (pipeline: string) =>
  1_000_000 + unknownIds * pipelines.findIndex(({ name }) => name === pipeline);

/** The n-th bad value: no magic byte, too short for a schema id, or an id that nobody has registered. */
function badValue(n: number, firstId: number): Buffer {
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(n);
  if (n % 3 === 0) return Buffer.concat([Buffer.from([1 + (n % 255)]), tail]);
  if (n % 3 === 1) return Buffer.from([0, 0, 0, 0]).subarray(0, n % 5);
  const id = Buffer.alloc(5);
  id.writeUInt32BE(firstId + (n % unknownIds), 1);
  return Buffer.concat([id, tail]);
}

export const badRecords = (count: number, firstId: number) =>
  Array.from({ length: count }, (_, n) => ({ partition: n % partitionCount, value: badValue(n, firstId) }));

/** What the dead-letter topic has otherwise than all bad records, once and as they came, each with a reason. */
export function unlikeDead(
  dead: readonly RawRecord[],
  sent: readonly { readonly partition: number; readonly value: Buffer }[],
): string[] {
  const left = new Map<string, number>();
  const count = (partition: unknown, value: Buffer | null, by: number) => {
    const key = `${String(partition)} ${value?.toString('hex')}`;
    left.set(key, (left.get(key) ?? 0) + by);
  };
  for (const { partition, value } of sent) count(partition, value, 1);
  for (const { headers, value } of dead) count(headers['partition'], value, -1);
  return [
    ...[...left]
      .filter(([, missing]) => missing !== 0)
      .slice(0, 5)
      .map(([key, missing]) => `dead letter ${key}: ${missing > 0 ? 'missing' : 'too often'}`),
    ...dead
      .filter(({ headers }) => !headers['code'] || !headers['reason'])
      .slice(0, 5)
      .map(({ headers }) => `dead letter without a reason: ${JSON.stringify(headers)}`),
  ];
}

/** Ids that a registry was asked for more than once; the trial takes less than the minute after which it may be asked again. */
export function askedTwice(asked: readonly string[], firstId: number): string[] {
  return Array.from({ length: unknownIds }, (_, n) => `/schemas/ids/${firstId + n}`).flatMap((path) => {
    const times = asked.filter((one) => one === path).length;
    return times === 1 ? [] : [`${path} was asked for ${times} times`];
  });
}
