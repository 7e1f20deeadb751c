import type { Schema } from '../schema.ts';
import { compareSchemas, type IncompatibilityRule } from './comparison.ts';
import { explain, type Direction } from './explain.ts';
import { checksBackward, checksForward, isTransitive, type CompatibilityMode } from './mode.ts';

export interface Incompatibility {
  /** The field or type, from the root of the reader's schema: `AccessLog.user`, `Order.items[].price`. */
  readonly path: string;
  readonly rule: IncompatibilityRule;
  /** `backward`: the candidate cannot read the previous schema's data; `forward`: the other way round. */
  readonly direction: Direction;
  /** Index into `previous`. */
  readonly previous: number;
  /** What is wrong and what to do about it, in words. */
  readonly message: string;
}

export interface CompatibilityResult {
  readonly compatible: boolean;
  readonly incompatibilities: readonly Incompatibility[];
}

export interface CompatibilityCheck {
  readonly candidate: Schema;
  /** Oldest first; none: everything is compatible. */
  readonly previous: readonly Schema[];
  readonly mode: CompatibilityMode;
}

/**
 * Whether the candidate may follow the previous schemas, and if not, why. At most 100 reasons per pair of
 * schemas; the latest previous schema's come first.
 *
 * @example
 * const [candidate, before] = [parseSchema('"int"'), parseSchema('"long"')];
 * const { incompatibilities } = checkCompatibility({ candidate, previous: [before], mode: 'BACKWARD' });
 * incompatibilities.map(({ rule }) => rule); // → ['TYPE_MISMATCH']
 * @throws AVRO_SCHEMA_TOO_COMPLEX for schemas made to be expensive to compare
 * @see https://avro.apache.org/docs/1.12.0/specification/#schema-resolution
 */
export function checkCompatibility({ candidate, previous, mode }: CompatibilityCheck): CompatibilityResult {
  const incompatibilities: Incompatibility[] = [];
  const oldest = isTransitive(mode) ? 0 : Math.max(0, previous.length - 1);
  for (let index = previous.length - 1; index >= oldest; index--) {
    const other = previous[index] as Schema;
    const add = (direction: Direction, reader: Schema, writer: Schema) => {
      for (const fault of compareSchemas(reader, writer)) {
        const message = explain(fault, direction);
        incompatibilities.push({ path: fault.path, rule: fault.rule, direction, previous: index, message });
      }
    };
    if (checksBackward(mode)) add('backward', candidate, other);
    if (checksForward(mode)) add('forward', other, candidate);
  }
  return { compatible: incompatibilities.length === 0, incompatibilities };
}
