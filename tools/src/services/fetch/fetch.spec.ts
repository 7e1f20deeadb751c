import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { verifyChecksums } from './checksums.ts';
import { findProgram } from './debian.ts';
import { once } from './once.ts';
import { run } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-fetch-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('once', () => {
  it('leaves nothing of a fill that failed, and fills once', async () => {
    const dir = join(folder, 'cache/thing');
    const cut = once(dir, async (unfinished) => {
      writeFileSync(join(unfinished, 'half'), 'x');
      throw new Error('cut');
    });
    await expect(cut).rejects.toThrow('cut');
    expect(readdirSync(join(folder, 'cache'))).toEqual([]);
    let fills = 0;
    const fill = async (unfinished: string): Promise<void> => {
      fills++;
      writeFileSync(join(unfinished, 'whole'), 'x');
    };
    await once(dir, fill);
    await once(dir, fill);
    expect(fills).toBe(1);
    expect(readdirSync(dir)).toEqual(['whole']);
  });

  it('lets the first of two that race win', async () => {
    const dir = join(folder, 'race/thing');
    await Promise.all(
      [1, 2].map((side) =>
        once(dir, async (unfinished) => writeFileSync(join(unfinished, 'x'), String(side))),
      ),
    );
    expect(existsSync(join(dir, 'x'))).toBe(true);
    expect(readdirSync(join(folder, 'race'))).toEqual(['thing']);
  });
});

describe('verifyChecksums', () => {
  it('refuses a folder without the listed files, and one whose file differs', async () => {
    const dir = mkdtempSync(join(folder, 'jars-'));
    await expect(verifyChecksums('kafka-4.1.0', dir)).rejects.toThrow(/is missing/);
    const archive = 'apicurio-registry-app-3.0.9-all.tar.gz';
    writeFileSync(join(dir, archive), 'not it');
    await expect(verifyChecksums('apicurio-3.0.9', dir)).rejects.toThrow(/has the SHA-256/);
  });
});

describe('a missing program', () => {
  it('is said in one sentence with the command that installs it', async () => {
    expect(() => findProgram('no-such-server', 'no-such-package')).toThrow(
      'no-such-server was not found: apt-get install no-such-package.',
    );
    await expect(run('no-such-mvn', [], { remedy: 'install Maven' })).rejects.toThrow(
      'no-such-mvn was not found: install Maven.',
    );
  });
});
