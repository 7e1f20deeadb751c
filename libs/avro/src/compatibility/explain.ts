import { unqualified } from '../names.ts';
import { isNamed, typeName, type Schema } from '../schema.ts';
import type { Fault, LocatedFault } from './comparison.ts';

export type Direction = 'backward' | 'forward';

/**
 * One sentence on what is wrong and one on what to change in the candidate. `backward`: the candidate reads what
 * the previous schema wrote; `forward`: the other way round.
 */
export function explain(fault: LocatedFault, direction: Direction): string {
  const backward = direction === 'backward';
  const reader = backward ? 'the new schema' : 'the previous schema';
  const writer = backward ? 'the previous schema' : 'the new schema';
  const at = fault.path === '' ? 'the top-level type' : fault.path;
  switch (fault.rule) {
    case 'READER_FIELD_MISSING_DEFAULT_VALUE':
      return missingField(fault, at, backward);
    case 'TYPE_MISMATCH':
      return (
        `${at}: ${reader} reads ${shown(fault.reader)} where ${writer} writes ${shown(fault.writer)}; ` +
        `keep the type ${shown(backward ? fault.writer : fault.reader)}, or add a new field of the new type beside it`
      );
    case 'NAME_MISMATCH':
      return (
        `${at}: ${reader} calls the ${fault.reader.type} ${typeName(fault.reader)}, ${writer} ${typeName(fault.writer)}; ` +
        (backward
          ? `keep the name, or add "aliases": ["${typeName(fault.writer)}"] to ${typeName(fault.reader)}`
          : `keep the name ${typeName(fault.reader)}: consumers on the previous schema know no other`)
      );
    case 'FIXED_SIZE_MISMATCH':
      return (
        `${at}: ${reader} has ${size(fault.reader)} bytes, ${writer} ${size(fault.writer)}; ` +
        `keep ${size(backward ? fault.writer : fault.reader)}, or add a new field of a new fixed type`
      );
    case 'MISSING_ENUM_SYMBOLS':
      return missingSymbols(fault, at, backward);
    case 'MISSING_UNION_BRANCH':
      return (
        `${at}: ${writer} may write ${shown(fault.writer)}, which is no branch of the union in ${reader} ` +
        `(${branches(fault.reader)}); ` +
        (backward ? `add ${shown(fault.writer)} to it` : `do not write ${shown(fault.writer)} here`)
      );
  }
}

function missingField({ field, writer }: Fault, at: string, backward: boolean): string {
  const name = field?.name ?? '';
  const record = unqualified(typeName(writer));
  return backward
    ? `${at}: the new field "${name}" has no default, and ${record} records already written do not have it; ` +
        `give it a default${nullable(field?.type) ? ' (null)' : ''}, or name the field it replaces in its "aliases"`
    : `${at}: the new schema drops the field "${name}", for which the previous schema has no default; ` +
        `keep it, or give it a default in one version and drop it in the next`;
}

function missingSymbols({ symbols = [], reader }: Fault, at: string, backward: boolean): string {
  const list = symbols.slice(0, 10).join(', ') + (symbols.length > 10 ? `, … (${symbols.length})` : '');
  return backward
    ? `${at}: the new schema drops the symbols ${list} of ${typeName(reader)} that were written before; ` +
        `keep them, or give the enum a "default"`
    : `${at}: the previous schema knows no symbols ${list} of ${typeName(reader)} and has no default for the enum; ` +
        `give the enum a "default" in one version and add symbols in the next`;
}

function nullable(type: Schema | undefined): boolean {
  return type?.type === 'union' && type.branches.some((branch) => branch.type === 'null');
}

function shown(schema: Schema): string {
  if (schema.type === 'union') return `a union of ${branches(schema)}`;
  return isNamed(schema) ? `${schema.type} ${schema.name}` : schema.type;
}

function branches(schema: Schema): string {
  if (schema.type !== 'union') return typeName(schema);
  const names = schema.branches.slice(0, 10).map(typeName).join(', ');
  return schema.branches.length > 10 ? `${names}, …` : names === '' ? 'nothing' : names;
}

function size(schema: Schema): string {
  return schema.type === 'fixed' ? String(schema.size) : '?';
}
