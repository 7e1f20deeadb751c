import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run } from '../../services/fetch/run.ts';
import { ClickSchema } from './clicks.ts';
import { groupedBy } from './engine.ts';
import type { Command, Engine, JobRun, ReadResult } from './engine.ts';

export interface JavaEngineOptions extends Pick<
  Engine,
  'id' | 'title' | 'settings' | 'losesWhatIsOvertaken'
> {
  /** The source file of the job; its class is called as the file. */
  readonly source: string;
  /** Folders of jars, fetched when the benchmark is run. */
  readonly libraries: () => Promise<readonly string[]>;
  readonly options?: readonly string[];
}

/** The heap of every engine on the JVM; more changed nothing. */
const heap = '-Xmx2g';

/** An engine whose job is one Java file, compiled for each run; it writes `key,windowStart` and the count as text. */
export function javaEngine({ source, libraries, options = [], ...facts }: JavaEngineOptions): Engine {
  return {
    ...facts,
    makesTopic: false,
    resultsTopic: (name) => `${name}-results`,
    async command({ name, job, brokers, topic, resultsTopic, folder }: JobRun): Promise<Command> {
      const path = (await libraries()).map((jars) => join(jars, '*'));
      const classes = join(folder, 'classes');
      const data = join(folder, 'data');
      for (const made of [classes, data]) mkdirSync(made);
      await run('javac', ['-nowarn', '-d', classes, '-cp', path.join(':'), source], {
        remedy: 'install a JDK 17 (Debian: apt-get install openjdk-17-jdk-headless)',
      });
      const main = basename(source, '.java');
      const words = [
        name,
        brokers.join(','),
        topic,
        resultsTopic,
        groupedBy[job],
        JSON.stringify(ClickSchema),
        data,
      ];
      return {
        file: 'java',
        args: [heap, ...options, '-cp', [classes, ...path].join(':'), main, ...words],
      };
    },
    reader: () => readText,
  };
}

function readText(key: Buffer, value: Buffer): ReadResult {
  const text = key.toString();
  const comma = text.lastIndexOf(',');
  return {
    key: text.slice(0, comma),
    windowStart: Number(text.slice(comma + 1)),
    count: Number(value.toString()),
  };
}
