/** What a producer may send where: one encoder per topic's value and key, agreed with the registry. */
import type { EncoderOptions } from '@millrace/avro';
import { ContractError, SchemasError, type ContractFault } from '../errors.ts';
import { agree } from '../registry/agree.ts';
import type { Registry } from '../registry/registry.ts';
import { subjectName, type SubjectNaming } from '../registry/subject-name.ts';
import type { SchemaInput } from '../typed-schema.ts';
import { FramedEncoder } from './framed-encoder.ts';

export interface ContractOptions extends EncoderOptions {
  readonly registry: Registry;
  /** Values by topic. */
  readonly schemas: Readonly<Record<string, SchemaInput>>;
  /** Keys by topic; the key of a topic that is not here is text or bytes. */
  readonly keys?: Readonly<Record<string, SchemaInput>>;
  readonly naming?: SubjectNaming;
  readonly autoRegister?: boolean;
}

export interface TopicContract {
  readonly topic: string;
  readonly value: FramedEncoder;
  readonly key: FramedEncoder | undefined;
}

/** Agrees with the registry on every schema. @throws SchemasError, RegistryError */
export async function agreeContracts(options: ContractOptions): Promise<ReadonlyMap<string, TopicContract>> {
  const { schemas, keys = {} } = options;
  for (const topic of Object.keys(keys)) if (!Object.hasOwn(schemas, topic)) throw noSchema(topic);
  const contracts = await Promise.all(
    Object.entries(schemas).map(async ([topic, schema]): Promise<TopicContract> => {
      const keySchema = Object.hasOwn(keys, topic) ? keys[topic] : undefined;
      return {
        topic,
        value: await agreed(options, { topic, schema, part: 'value' }),
        key:
          keySchema === undefined
            ? undefined
            : await agreed(options, { topic, schema: keySchema, part: 'key' }),
      };
    }),
  );
  return new Map(contracts.map((contract) => [contract.topic, contract]));
}

async function agreed(
  { registry, naming = 'topic', autoRegister, unknownFields = 'refuse' }: ContractOptions,
  named: { topic: string; schema: SchemaInput; part: 'key' | 'value' },
): Promise<FramedEncoder> {
  const subject = subjectName(naming, named);
  const { schema, part } = named;
  const id = await agree({ registry, subject, schema, ...(autoRegister !== undefined && { autoRegister }) });
  return new FramedEncoder({ id, schema, part, unknownFields });
}

export function contractOf(contracts: ReadonlyMap<string, TopicContract>, topic: string): TopicContract {
  const contract = contracts.get(topic);
  if (contract === undefined) throw noSchema(topic);
  return contract;
}

function noSchema(topic: string): SchemasError {
  return new SchemasError(
    'SCHEMAS_NO_SCHEMA',
    `there is no schema for topic "${topic}"; give one when the producer is made, or send with a plain producer`,
  );
}

/** A key without a schema: text or bytes, or none. Undefined where it is something else. */
export function plainKey(key: unknown): Uint8Array | string | null | undefined {
  if (key === null || key === undefined) return null;
  return typeof key === 'string' || key instanceof Uint8Array ? key : undefined;
}

export const PLAIN_KEY_FAULT: ContractFault = {
  part: 'key',
  path: '(key)',
  rule: 'type',
  fix: 'the topic has no key schema: send text, bytes or null, or give a schema in keys',
};

export function refused(
  contract: TopicContract,
  index: number,
  faults: readonly ContractFault[],
): ContractError {
  return new ContractError({ topic: contract.topic, index, faults });
}
