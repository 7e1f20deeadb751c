import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Block } from './block.ts';
import { moduleText, outputFault } from './prepare.ts';

export interface Verdict {
  readonly block: Block;
  /** undefined: the document is right. */
  readonly fault: string | undefined;
}

/** A document's example is small; one that takes longer has come to hang. */
const RUN_TIMEOUT_MS = 60_000;
const NODE_OPTIONS = ['--conditions=@millrace/source', '--disable-warning=ExperimentalWarning'];

/** Checks the types of all blocks at once, then runs one after the other. Files are made below `folder`. */
export async function checkBlocks(
  root: string,
  folder: string,
  blocks: readonly Block[],
): Promise<Verdict[]> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const whole = blocks.filter(({ mode }) => mode !== 'sketch');
  const files = new Map<Block, string>();
  for (const [index, block] of whole.entries()) {
    const file = join(folder, `block-${index}${block.mode === 'jest' ? '.spec' : ''}.ts`);
    const scope =
      block.packageFolder === undefined ? undefined : await exportsOf(join(root, block.packageFolder));
    writeFileSync(file, moduleText(block, scope));
    files.set(block, file);
  }
  const typeFaults = checkTypes(root, folder);
  const verdicts: Verdict[] = [];
  for (const [block, file] of files) {
    const fault = typeFaults.get(relative(root, file)) ?? (await runFault(root, block, file));
    verdicts.push({ block, fault });
  }
  return verdicts;
}

async function exportsOf(packageFolder: string): Promise<{ name: string; exports: string[] }> {
  const { name } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { name: string };
  const module = (await import(pathToFileURL(join(packageFolder, 'src/index.ts')).href)) as object;
  return { name, exports: Object.keys(module) };
}

/** Faults by file, as the compiler tells them. */
function checkTypes(root: string, folder: string): Map<string, string> {
  const config = { extends: relative(folder, join(root, 'tsconfig.base.json')), include: ['*.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], {
    cwd: root,
    encoding: 'utf8',
  });
  const faults = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const [, file, message] = /^(\S+\.ts)\(\d+,\d+\): (.*)$/.exec(line) ?? [];
    if (file === undefined || message === undefined) continue;
    faults.set(file, `${faults.has(file) ? `${faults.get(file)}\n` : ''}${message}`);
  }
  return faults;
}

async function runFault(root: string, block: Block, file: string): Promise<string | undefined> {
  if (block.mode === 'types') return undefined;
  const { status, stdout, stderr } =
    block.mode === 'jest' ? await runJest(root, file) : await run(root, [file]);
  if (status !== 0) return `it ends with ${status}:\n${`${stderr}${stdout}`.trim().slice(-2_000)}`;
  return block.mode === 'jest' ? undefined : outputFault(block, stdout);
}

function runJest(root: string, file: string): ReturnType<typeof run> {
  const config = join(root, 'tools/src/check-docs/jest.docs.config.js');
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  return run(join(root, 'tools'), [
    '--experimental-vm-modules',
    jest,
    '-c',
    config,
    '--runTestsByPath',
    file,
  ]);
}

function run(
  cwd: string,
  args: readonly string[],
): Promise<{ status: number | string; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...NODE_OPTIONS, ...args], {
      // Documents show plain text, whatever a terminal or a task runner asks for.
      env: { ...process.env, FORCE_COLOR: '0' },
      cwd,
      timeout: RUN_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('close', (code, signal) => resolve({ status: code ?? signal ?? 'nothing', stdout, stderr }));
  });
}
