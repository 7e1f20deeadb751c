import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { catalog } from '../src/services/catalog.ts';
import { listening } from '../src/services/health.ts';

const main = join(import.meta.dirname, '../src/services/main.ts');
/** Of its own: services that run elsewhere are neither seen nor touched. */
const directory = mkdtempSync(join(tmpdir(), 'millrace-services-'));
afterAll(() => rmSync(directory, { recursive: true }));

function services(
  words: readonly string[],
  env: Record<string, string> = {},
): Promise<{ status: number | string; output: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--conditions=@millrace/source', main, ...words],
      { env: { ...process.env, MILLRACE_DIR: directory, ...env } },
      (error, stdout, stderr) => resolve({ status: error?.code ?? 0, output: stdout + stderr }),
    );
  });
}

describe('npm run services', () => {
  it('explains itself', async () => {
    const { status, output } = await services(['--help']);
    expect(status).toBe(0);
    for (const { name } of catalog) expect(output).toContain(name);
    expect((await services(['status', '--loud'])).output).toMatch(/^unknown option --loud/);
    expect((await services(['oracle'])).output).toMatch(/^no service is called "oracle"; there are kafka, /);
  });

  it('lists what runs from here, stops what does not run, and has no log of what was never started', async () => {
    const { status, output } = await services(['status']);
    expect(status).toBe(0);
    const lines = output.trim().split('\n');
    expect(lines).toHaveLength(catalog.length + 1);
    for (const line of lines.slice(1)) expect(line).toMatch(/ stopped +\S+$/);
    expect((await services(['stop', 'kafka'])).output).toBe('kafka: was not running\n');
    const log = await services(['logs', 'kafka']);
    expect(log).toEqual({ status: 1, output: 'kafka was never started here.\n' });
    expect((await services(['logs'])).output).toMatch(/^no service is called/);
  });

  it('says in one sentence whose port is taken', async () => {
    const redis = catalog.find(({ name }) => name === 'redis')!;
    const taken = createServer();
    // Redis runs already where the real services do, and then holds the port itself.
    if (!(await listening(redis.port)))
      await new Promise<void>((resolve) => taken.listen(redis.port, '127.0.0.1', resolve));
    const { status, output } = await services(['redis']);
    taken.close();
    expect(status).toBe(1);
    expect(output).toMatch(
      /^redis: port 16379 is in use by a process that was not started from here; stop that first\.\n$/,
    );
  });

  const remedy =
    'install Java 17 and Maven 3.8 or newer (Debian: apt-get install openjdk-17-jdk-headless maven)';
  it.each([
    ['kafka', 'Java', [], `java was not found: ${remedy}.\n`],
    ['registry', 'Java', [], `java was not found: ${remedy}.\n`],
    ['cassandra', 'Java', [], `java was not found: ${remedy}.\n`],
    ['kafka', 'Maven', ['java'], `mvn was not found: ${remedy}.\n`],
    ['redis', 'its server', [], 'redis-server was not found: apt-get install redis-server.\n'],
  ])(
    'says in one sentence that %s needs %s where the machine does not have it',
    async (name, _what, has, sentence) => {
      const bin = mkdtempSync(join(directory, 'bin-'));
      for (const program of has) writeFileSync(join(bin, program), '#!/bin/sh\n', { mode: 0o755 });
      const machine = { PATH: bin, MILLRACE_CACHE: join(bin, 'cache') };
      expect(await services([name], machine)).toEqual({ status: 1, output: sentence });
    },
  );
});
