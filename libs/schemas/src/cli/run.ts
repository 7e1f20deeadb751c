import { parseArgs } from 'node:util';
import { AvroError } from '@millrace/avro';
import { SchemasError } from '../errors.ts';
import { connectRegistry } from '../registry/connect-registry.ts';
import type { RegistryConnection } from '../registry/request.ts';
import { commands } from './commands.ts';

export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  print(line: string): void;
  printError(line: string): void;
}

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  registry: { type: 'string' },
  brokers: { type: 'string' },
  mode: { type: 'string' },
  hex: { type: 'string' },
  base64: { type: 'string' },
  topic: { type: 'string' },
  partition: { type: 'string' },
  offset: { type: 'string' },
  key: { type: 'boolean' },
} as const;

/** Runs one command; the exit status: 0 done, 1 refused or failed, 2 not understood. */
export async function run(parameters: readonly string[], terminal: Terminal): Promise<0 | 1 | 2> {
  const { environment, print, printError } = terminal;
  try {
    const { values, positionals } = parseArgs({
      args: [...parameters],
      options: OPTIONS,
      allowPositionals: true,
    });
    const [name, ...words] = positionals;
    if (values.help === true || name === undefined) {
      print(help());
      return name === undefined && values.help !== true ? 2 : 0;
    }
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) throw new SchemasError('SCHEMAS_USAGE', `there is no command "${name}"`);
    const url = values.registry ?? environment['SCHEMA_REGISTRY_URL'];
    const optionalRegistry =
      url === undefined ? undefined : connectRegistry({ url, ...credentials(environment) });
    const done = await command.run({
      words,
      options: values,
      optionalRegistry,
      registry: () => optionalRegistry ?? noRegistry(),
      brokers: (values.brokers ?? environment['KAFKA_BROKERS'] ?? '127.0.0.1:9092').split(','),
      print,
    });
    return done === false ? 1 : 0;
  } catch (error) {
    const misused = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true;
    if (!misused && !isExpected(error)) throw error;
    printError((error as Error).message);
    if (!misused && (error as SchemasError).code !== 'SCHEMAS_USAGE') return 1;
    printError('See millrace-schemas --help');
    return 2;
  }
}

function isExpected(error: unknown): boolean {
  if (error instanceof SchemasError || error instanceof AvroError) return true;
  return ['ENOENT', 'EISDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function credentials(environment: Terminal['environment']): Pick<RegistryConnection, 'auth'> {
  const [username, password] = [
    environment['SCHEMA_REGISTRY_USERNAME'],
    environment['SCHEMA_REGISTRY_PASSWORD'],
  ];
  return username === undefined || password === undefined ? {} : { auth: { username, password } };
}

function noRegistry(): never {
  throw new SchemasError(
    'SCHEMAS_USAGE',
    'no registry is given: use --registry URL or set SCHEMA_REGISTRY_URL',
  );
}

function help(): string {
  const width = Math.max(...Object.values(commands).map(({ usage }) => usage.length));
  const short = Object.values(commands).map(({ usage, does }) =>
    usage.length > 40
      ? `  ${usage}\n  ${''.padEnd(Math.min(width, 40))}  ${does}`
      : `  ${usage.padEnd(40)}  ${does}`,
  );
  return `usage: millrace-schemas COMMAND

${short.join('\n')}

  --registry URL      default SCHEMA_REGISTRY_URL (with SCHEMA_REGISTRY_USERNAME and _PASSWORD)
  --brokers HOSTS     default KAFKA_BROKERS, else 127.0.0.1:9092
  --mode MODE         BACKWARD, FORWARD, FULL, each also _TRANSITIVE, or NONE
  --help              this

Exit status: 0 done, 1 refused or failed, 2 not understood.`;
}
