import { readFileSync } from 'node:fs';
import { COMPATIBILITY_MODES, parseSchema, type CompatibilityMode } from '@millrace/avro';
import { checkSchemas } from '../check/check-schemas.ts';
import { differences } from '../check/differences.ts';
import { releaseSchemas } from '../check/release.ts';
import { allows, objections, upgradeOrder, verdictOf } from '../check/verdict.ts';
import { SchemasError } from '../errors.ts';
import { generate } from '../generate/generate.ts';
import { createDecoder } from '../reading/create-decoder.ts';
import { agree } from '../registry/agree.ts';
import type { Registry } from '../registry/registry.ts';
import { fetchRecord } from './fetch-record.ts';
import { valueText } from './value-text.ts';

export interface CommandContext {
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  /** Throws where no registry is configured. */
  registry(): Registry;
  /** Undefined where no registry is configured. */
  readonly optionalRegistry: Registry | undefined;
  readonly brokers: readonly string[];
  print(line: string): void;
}

export interface Command {
  readonly usage: string;
  readonly does: string;
  /** False: a verdict against what was asked; the exit status is 1. */
  run(context: CommandContext): Promise<boolean | void>;
}

export const commands: Readonly<Record<string, Command>> = {
  list: {
    usage: 'list',
    does: 'subjects with their versions, latest id and compatibility mode',
    async run({ registry: connect, print }) {
      const registry = connect();
      for (const subject of await registry.subjects()) {
        const [versions, latest, mode] = await Promise.all([
          registry.versions(subject),
          registry.latest(subject),
          registry.compatibility(subject),
        ]);
        print(`${subject}  versions ${versions.join(', ')}  id ${latest?.id ?? '-'}  ${mode}`);
      }
    },
  },
  show: {
    usage: 'show SUBJECT[@VERSION]',
    does: 'a registered schema',
    async run(context) {
      const text = await schemaText(context, word(context, 0, 'a subject'));
      context.print(JSON.stringify(JSON.parse(text), undefined, 2));
    },
  },
  diff: {
    usage: 'diff OLD NEW [--mode MODE]',
    does: 'what differs and who must be upgraded first; OLD and NEW are files or SUBJECT[@VERSION]',
    async run(context) {
      const older = parseSchema(await schemaText(context, word(context, 0, 'the older schema')));
      const newer = parseSchema(await schemaText(context, word(context, 1, 'the newer schema')));
      for (const line of differences(older, newer)) context.print(line);
      const verdict = verdictOf(older, newer);
      context.print(upgradeOrder(verdict));
      const mode = modeOption(context) ?? 'FULL';
      for (const { rule, message } of objections(mode, verdict)) context.print(`  ${rule}: ${message}`);
      return context.options['mode'] === undefined || allows(mode, verdict);
    },
  },
  register: {
    usage: 'register SUBJECT FILE',
    does: 'registers a schema, unless it is incompatible, and prints its id',
    async run(context) {
      const subject = word(context, 0, 'a subject');
      const schema = readFileSync(word(context, 1, 'a file'), 'utf8');
      const id = await agree({ registry: context.registry(), subject, schema, autoRegister: true });
      context.print(`${subject} has id ${id}`);
    },
  },
  check: {
    usage: 'check [FOLDER] [--mode MODE]',
    does: 'every schema against its last released version and, with --registry, against what is registered',
    async run(context) {
      const { words, optionalRegistry, print } = context;
      const mode = modeOption(context);
      const findings = await checkSchemas({
        root: words[0] ?? 'avro',
        ...(mode && { mode }),
        ...(optionalRegistry && { registry: optionalRegistry }),
      });
      for (const { path, ok, against, lines } of findings) {
        print(`${ok ? 'ok  ' : 'FAIL'} ${path} against ${against}: ${lines[0]}`);
        for (const line of lines.slice(1)) print(`       ${line}`);
      }
      return findings.every(({ ok }) => ok);
    },
  },
  release: {
    usage: 'release [FOLDER]',
    does: 'keeps every changed schema as NAME.vN.avsc, the version that check compares with',
    async run({ words, print }) {
      const written = releaseSchemas(words[0] ?? 'avro');
      print(
        written.length === 0 ? 'nothing has changed since the last release' : `wrote ${written.join(', ')}`,
      );
    },
  },
  generate: {
    usage: 'generate FOLDER TO',
    does: 'TypeScript modules with the types and schema values of the folder’s .avsc files',
    async run(context) {
      const written = generate({
        from: word(context, 0, 'a folder of schemas'),
        to: word(context, 1, 'a folder to write to'),
      });
      context.print(written.length === 0 ? 'up to date' : `wrote ${written.join(', ')}`);
    },
  },
  decode: {
    usage: 'decode (--hex BYTES | --base64 BYTES | --topic T --partition P --offset O [--key])',
    does: 'one framed message as JSON',
    async run(context) {
      const bytes = await messageBytes(context);
      if (bytes === null) {
        context.print('null');
        return;
      }
      context.print(valueText(await createDecoder({ registry: context.registry() }).decode(bytes)));
    },
  },
};

async function messageBytes({ options, brokers }: CommandContext): Promise<Buffer | null> {
  const { hex, base64, topic, partition, offset, key } = options;
  if (typeof hex === 'string') {
    const digits = hex.replace(/^0x|[\s:]/g, '');
    if (!/^([\da-f]{2})*$/i.test(digits)) throw usage('--hex takes pairs of hexadecimal digits');
    return Buffer.from(digits, 'hex');
  }
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64');
  if (typeof topic !== 'string')
    throw usage('give --hex, --base64, or --topic with --partition and --offset');
  const record = await fetchRecord(
    { brokers },
    { topic, partition: whole('--partition', partition), offset: whole('--offset', offset) },
  );
  return key === true ? record.key : record.value;
}

function whole(name: string, value: string | boolean | undefined): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : NaN;
  if (!Number.isSafeInteger(number)) throw usage(`${name} takes a whole number`);
  return number;
}

/** A file's text where there is one of that name, else what is registered. */
async function schemaText(context: CommandContext, place: string): Promise<string> {
  if (/\.(avsc|json)$/.test(place)) return readFileSync(place, 'utf8');
  const match = /^(.+?)(?:@(\d+))?$/.exec(place);
  const [, subject = place, version] = match ?? [];
  const registry = context.registry();
  const found =
    version === undefined ? await registry.latest(subject) : await registry.version(subject, Number(version));
  if (found === undefined)
    throw new SchemasError('SCHEMAS_NOT_REGISTERED', `${place} is not registered at ${registry.url}`);
  return found.schema;
}

function modeOption({ options }: CommandContext): CompatibilityMode | undefined {
  const { mode } = options;
  if (mode === undefined) return undefined;
  const known = COMPATIBILITY_MODES.find((candidate) => candidate === String(mode).toUpperCase());
  if (known === undefined) throw usage(`--mode is one of ${COMPATIBILITY_MODES.join(', ')}`);
  return known;
}

function word({ words }: CommandContext, index: number, what: string): string {
  const found = words[index];
  if (found === undefined) throw usage(`${what} is missing`);
  return found;
}

function usage(message: string): SchemasError {
  return new SchemasError('SCHEMAS_USAGE', message);
}
