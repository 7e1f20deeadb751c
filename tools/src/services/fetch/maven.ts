import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../paths.ts';
import { verifyChecksums } from './checksums.ts';
import { javaRemedy } from './java.ts';
import { once } from './once.ts';
import { run } from './run.ts';

/** A Maven artifact, and the dependencies of it that are left out. */
export interface Artifact {
  readonly group: string;
  readonly name: string;
  readonly version: string;
  readonly without?: readonly { readonly group: string; readonly name: string }[];
}

const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
// A later version of this goal reads the parent description, which is not in the repository for every artifact.
const get = 'org.apache.maven.plugins:maven-dependency-plugin:2.10:get';

/** Fetches artifacts with all they depend on into one folder, once, against the checksum list `name`; resolves with the folder. */
export async function fetchJars(name: string, artifacts: readonly Artifact[]): Promise<string> {
  const dir = join(cacheDir(), name);
  await once(dir, async (unfinished) => {
    const work = `${unfinished}.pom`;
    mkdirSync(work);
    try {
      writeFileSync(join(work, 'pom.xml'), pom(artifacts));
      // -C: a download that does not match the repository's own checksum is an error.
      const args = ['-B', '-q', '-C', copy, '-DincludeScope=runtime', `-DoutputDirectory=${unfinished}`];
      await maven(args, work);
    } finally {
      rmSync(work, { recursive: true });
    }
    await verifyChecksums(name, unfinished);
  });
  return dir;
}

/**
 * Fetches one file alone, without the parent description that its own names (it need not be there), once;
 * resolves with the folder.
 */
export async function fetchFile(
  name: string,
  file: Artifact & { readonly type: string; readonly classifier: string },
): Promise<string> {
  const dir = join(cacheDir(), name);
  await once(dir, async (unfinished) => {
    const repository = join(cacheDir(), 'maven');
    const artifact = [file.group, file.name, file.version, file.type, file.classifier].join(':');
    const args = ['-B', '-q', '-C', `-Dmaven.repo.local=${repository}`, get, `-Dartifact=${artifact}`];
    await maven([...args, '-Dtransitive=false'], cacheDir());
    const stored = `${file.name}-${file.version}-${file.classifier}.${file.type}`;
    const place = [...file.group.split('.'), file.name, file.version, stored];
    copyFileSync(join(repository, ...place), join(unfinished, stored));
    await verifyChecksums(name, unfinished);
    rmSync(repository, { recursive: true });
  });
  return dir;
}

let previous: Promise<unknown> = Promise.resolve();

/** Runs Maven, one at a time: its local repository is not made for several. */
async function maven(args: readonly string[], cwd: string): Promise<void> {
  const running = previous.then(() => run('mvn', args, { cwd, remedy: javaRemedy }));
  previous = running.catch(() => undefined);
  await running;
}

function pom(artifacts: readonly Artifact[]): string {
  const dependencies = artifacts.map(
    (artifact) =>
      `<dependency>${coordinates(artifact)}<version>${artifact.version}</version><exclusions>${(
        artifact.without ?? []
      )
        .map((left) => `<exclusion>${coordinates(left)}</exclusion>`)
        .join('')}</exclusions></dependency>`,
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>io.millrace</groupId><artifactId>jars</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependencies.join('\n')}</dependencies></project>
`;
}

function coordinates(artifact: { readonly group: string; readonly name: string }): string {
  return `<groupId>${artifact.group}</groupId><artifactId>${artifact.name}</artifactId>`;
}
