/** TypeScript types of Avro schemas, as decoders give and encoders take their values. */
import {
  branchKey,
  isExact,
  isWrapped,
  type Field,
  type NamedSchema,
  type RecordSchema,
  type Schema,
} from '@millrace/avro';

/** Names of named types: the last part of the full name, numbered where two would be the same. */
export class TypeNames {
  readonly #names = new Map<NamedSchema, string>();
  readonly #taken = new Set<string>();

  /** Declared in this order. */
  readonly declared: NamedSchema[] = [];

  nameOf(schema: NamedSchema): string {
    const known = this.#names.get(schema);
    if (known !== undefined) return known;
    const short = pascal(schema.name.slice(schema.name.lastIndexOf('.') + 1));
    let name = short;
    for (let number = 2; this.#taken.has(name); number++) name = `${short}${number}`;
    this.#taken.add(name);
    this.#names.set(schema, name);
    this.declared.push(schema);
    return name;
  }
}

export function pascal(name: string): string {
  return name.replace(/(?:^|_+)([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

export function typeText(schema: Schema, names: TypeNames): string {
  switch (schema.type) {
    case 'null':
    case 'boolean':
    case 'string':
      return schema.type;
    case 'int':
      return schema.logicalType === 'date' ? 'string' : 'number';
    case 'long':
      return isExact(schema) ? 'bigint' : 'number';
    case 'float':
    case 'double':
      return 'number';
    case 'bytes':
      return schema.logicalType === 'decimal' ? 'string' : 'Uint8Array';
    case 'fixed':
      if (schema.logicalType === 'duration') return 'Duration';
      return schema.logicalType === 'decimal' || schema.logicalType === 'uuid' ? 'string' : 'Uint8Array';
    case 'array':
      return `readonly ${parenthesised(typeText(schema.items, names))}[]`;
    case 'map':
      return `Readonly<Record<string, ${typeText(schema.values, names)}>>`;
    case 'union': {
      const wrapped = isWrapped(schema);
      const branches = schema.branches.map((branch) => {
        const text = typeText(branch, names);
        return wrapped && branch.type !== 'null'
          ? `{ readonly ${JSON.stringify(branchKey(branch))}: ${text} }`
          : text;
      });
      return branches.join(' | ');
    }
    case 'enum':
    case 'record':
      return names.nameOf(schema);
  }
}

/** The declaration of a record or enum. */
export function declarationText(schema: NamedSchema, names: TypeNames): string {
  const name = names.nameOf(schema);
  if (schema.type === 'record') return recordText(schema, name, names);
  if (schema.type !== 'enum') return '';
  const symbols = schema.symbols.map((symbol) => `'${symbol}'`).join(' | ');
  return `${comment([schema.doc], '')}export type ${name} = ${symbols};`;
}

function recordText(schema: RecordSchema, name: string, names: TypeNames): string {
  const fields = schema.fields.map((field) => {
    return `${comment(remarks(field), '  ')}  readonly ${field.name}: ${typeText(field.type, names)};`;
  });
  return `${comment([schema.doc], '')}export interface ${name} {\n${fields.join('\n')}\n}`;
}

function remarks(field: Field): (string | undefined)[] {
  const { unit, pii, eventTime } = field.props ?? {};
  return [
    field.doc,
    eventTime === true ? 'Event time.' : undefined,
    typeof unit === 'string' ? `Unit: ${unit}.` : undefined,
    pii === true ? 'About a person.' : undefined,
    logicalRemark(field.type),
  ];
}

function logicalRemark(type: Schema): string | undefined {
  const schema = type.type === 'union' ? type.branches.find(({ type }) => type !== 'null') : type;
  const logical = schema !== undefined && 'logicalType' in schema ? schema.logicalType : undefined;
  if (logical === undefined) return undefined;
  if (logical.startsWith('timestamp-')) return `${capital(logical.slice(10))} since the epoch.`;
  if (logical.startsWith('local-timestamp-'))
    return `${capital(logical.slice(16))} since the epoch on a local clock.`;
  if (logical.startsWith('time-')) return `${capital(logical.slice(5))} since midnight.`;
  return { date: 'YYYY-MM-DD.', decimal: 'A decimal number.', uuid: 'A UUID.', duration: undefined }[
    logical as 'date'
  ];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function comment(parts: readonly (string | undefined)[], indent: string): string {
  const text = parts.filter((part) => part !== undefined && part !== '').join(' ');
  return text === '' ? '' : `${indent}/** ${text.replaceAll('*/', '*\\/')} */\n`;
}

function parenthesised(text: string): string {
  return text.includes('|') || text.startsWith('readonly ') ? `(${text})` : text;
}
