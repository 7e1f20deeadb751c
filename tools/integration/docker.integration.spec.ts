import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { validate } from 'dockerfile-utils';

const docker = join(import.meta.dirname, '../../docker');
const compose = process.env['MILLRACE_TEST_COMPOSE'];
const withCompose = compose === undefined ? describe.skip : describe;
const folder = mkdtempSync(join(tmpdir(), 'millrace-compose-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The file as the Compose Specification's own library reads it: merged, interpolated, defaults filled in. */
function load(file: string): string {
  const env = { PATH: process.env['PATH'], COMPOSE_PROFILES: '*' };
  return execFileSync(compose as string, [file], {
    encoding: 'utf8',
    cwd: docker,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

describe('docker/Dockerfile', () => {
  const text = readFileSync(join(docker, 'Dockerfile'), 'utf8');

  it('passes the linter, which refuses a spoiled one', () => {
    expect(validate(text)).toEqual([]);
    expect(validate(text.replace('WORKDIR /app', 'WORKDIR'))).not.toEqual([]);
  });

  it('starts from pinned images and ends as a user that is not root', () => {
    const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    for (const base of bases) expect(base).toMatch(/^(node:\d+\.\d+\.\d+-[a-z-]+|runtime)$/);
    expect(text.slice(text.lastIndexOf('AS runtime'))).toMatch(/^USER node$/m);
  });
});

withCompose('docker/compose.yaml', () => {
  const text = readFileSync(join(docker, 'compose.yaml'), 'utf8');

  it('is read by the Compose library with every service, each with a health check but the producer, which has no port', () => {
    const model = load(join(docker, 'compose.yaml'));
    const services = [
      'kafka',
      'registry',
      'cassandra',
      's3',
      'redis',
      'postgres',
      'prometheus',
      'producer',
      'processor',
      'dashboard',
    ];
    for (const service of services) expect(model).toMatch(new RegExp(`^ {2,4}${service}:$`, 'm'));
    expect([...model.matchAll(/^ +healthcheck:$/gm)]).toHaveLength(services.length - 1);
    for (const [, image] of model.matchAll(/^ +image: (\S+)$/gm))
      expect(image).toMatch(/:v?\d+\.\d+(\.\d+)?|^millrace\//);
  });

  it.each([
    ['core', ['kafka', 'registry']],
    ['cassandra', ['cassandra']],
    ['aws', ['s3', 'redis', 'postgres']],
    ['observability', ['prometheus']],
    ['apps', ['producer', 'processor', 'dashboard']],
  ])('has in the profile %s what it is for, each with a volume for what has to last', (profile, services) => {
    const model = load(join(docker, 'compose.yaml'));
    const blocks = [...model.matchAll(/^ {2,4}(\w+):\n((?: {6,}.*\n| {4,}- .*\n)+)/gm)];
    const found = blocks.filter(([, , body]) =>
      new RegExp(`^ +profiles:\\n +- ${profile}$`, 'm').test(body!),
    );
    expect(found.map(([, name]) => name).sort()).toEqual([...services].sort());
    for (const [, , body] of found) expect(body).toMatch(/^ +volumes:$/m);
  });

  it('is refused with a key that Compose does not know', () => {
    const spoiled = join(folder, 'compose.yaml');
    writeFileSync(
      spoiled,
      text.replace('    image: cassandra:5.0.5', '    image: cassandra:5.0.5\n    colour: green'),
    );
    expect(() => load(spoiled)).toThrow(/colour/);
  });
});
