import { parseArgs } from 'node:util';
import { pausePipeline, resumePipeline } from '../administration/pause-pipeline.ts';
import { resetPipeline } from '../administration/reset-pipeline.ts';
import type { ResetPosition } from '../administration/reset-pipeline.ts';
import { StreamsError } from '../errors.ts';
import { messageOf } from '../kafka/broker-error.ts';
import { describe } from '../topology/describe.ts';
import { loadDefinition } from './load-definition.ts';

export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  print(line: string): void;
  printError(line: string): void;
}

const options = {
  help: { type: 'boolean', short: 'h' },
  brokers: { type: 'string' },
  application: { type: 'string' },
  format: { type: 'string' },
  'to-offset': { type: 'string' },
  'to-time': { type: 'string' },
  'to-earliest': { type: 'boolean' },
  'to-latest': { type: 'boolean' },
  'recreate-topics': { type: 'boolean' },
} as const;

const help = `usage: millrace-streams COMMAND DEFINITION [OPTIONS]

  describe   draws the topology (--format text, json or mermaid)
  pause      asks all instances to commit and read nothing; they stay in the group
  resume     lets them go on
  reset      sets a stopped pipeline to another position and clears its state, both or neither:
             --to-earliest, --to-latest, --to-offset N (in every partition) or --to-time T
             (2026-01-31T12:00:00Z or epoch milliseconds, by the records' timestamps).
             Windows that are counted anew replace their results: choose a time where windows begin.
             --recreate-topics deletes results and state that have another number of partitions than the
             source has now, and makes these topics anew.

  DEFINITION          FILE.json, or FILE#EXPORT of a JavaScript or TypeScript module
  --brokers HOSTS     default KAFKA_BROKERS, else 127.0.0.1:9092
  --application ID    the consumer group, where it is not called as the pipeline
  --help              this

Exit status: 0 done, 1 refused or failed, 2 not understood.`;

/** How long to wait for brokers. */
const giveUpMs = 60_000;

/** Runs one command; the exit status: 0 done, 1 refused or failed, 2 not understood. */
export async function run(parameters: readonly string[], terminal: Terminal): Promise<0 | 1 | 2> {
  const { environment, print, printError } = terminal;
  try {
    const { values, positionals } = parseArgs({ args: [...parameters], options, allowPositionals: true });
    const [command, place] = positionals;
    if (values.help === true || command === undefined) {
      print(help);
      return values.help === true ? 0 : 2;
    }
    if (!['describe', 'pause', 'resume', 'reset'].includes(command))
      throw new StreamsError('STREAMS_USAGE', `there is no command "${command}"`);
    if (place === undefined) throw new StreamsError('STREAMS_USAGE', `${command} needs a DEFINITION`);
    const to = command === 'reset' ? positionOf(values) : undefined;
    const definition = await loadDefinition(place);
    const connection = {
      brokers: (values.brokers ?? environment['KAFKA_BROKERS'] ?? '127.0.0.1:9092').split(','),
      signal: AbortSignal.timeout(giveUpMs),
      ...(values.application === undefined ? {} : { applicationId: values.application }),
    };
    if (command === 'describe') print(describe(definition, formatOf(values.format)));
    else if (to !== undefined) {
      const { positions, cleared, recreated } = await resetPipeline(definition, {
        ...connection,
        to,
        recreateTopics: values['recreate-topics'] === true,
      });
      for (const topic of recreated) print(`${topic}: deleted and made anew`);
      for (const { topic, partition, from, to: offset } of positions)
        print(`${topic}/${partition}: ${from < 0 ? 'nothing committed' : from} -> ${offset}`);
      print(`cleared ${cleared} records of state`);
    } else {
      await (command === 'pause' ? pausePipeline : resumePipeline)(definition, connection);
      print(`${definition.name}: ${command}d`);
    }
    return 0;
  } catch (error) {
    printError(messageOf(error));
    const isMisused =
      (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true ||
      (error instanceof StreamsError && error.code === 'STREAMS_USAGE');
    if (isMisused) printError('See millrace-streams --help');
    return isMisused ? 2 : 1;
  }
}

function formatOf(format = 'text'): 'text' | 'json' | 'mermaid' {
  if (format === 'text' || format === 'json' || format === 'mermaid') return format;
  throw new StreamsError('STREAMS_USAGE', `--format is text, json or mermaid, not "${format}"`);
}

function positionOf(values: {
  readonly 'to-offset'?: string;
  readonly 'to-time'?: string;
  readonly 'to-earliest'?: boolean;
  readonly 'to-latest'?: boolean;
}): ResetPosition {
  const wanted: ResetPosition[] = [];
  if (values['to-earliest'] === true) wanted.push('earliest');
  if (values['to-latest'] === true) wanted.push('latest');
  if (values['to-offset'] !== undefined)
    wanted.push({ offset: wholeNumber('--to-offset', values['to-offset']) });
  if (values['to-time'] !== undefined) {
    const text = values['to-time'];
    wanted.push({ timeMs: /^\d+$/.test(text) ? wholeNumber('--to-time', text) : timeOf(text) });
  }
  if (wanted.length !== 1)
    throw new StreamsError(
      'STREAMS_USAGE',
      'reset needs one of --to-earliest, --to-latest, --to-offset N, --to-time T',
    );
  return wanted[0]!;
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new StreamsError('STREAMS_USAGE', `${name} takes a whole number, not "${text}"`);
}

function timeOf(text: string): number {
  const timeMs = Date.parse(text);
  if (!Number.isNaN(timeMs)) return timeMs;
  throw new StreamsError('STREAMS_USAGE', `--to-time takes a time like 2026-01-31T12:00:00Z, not "${text}"`);
}
