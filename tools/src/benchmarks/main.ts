/** `npm run bench -- NAME [ARG ...]`: runs one benchmark and prints, as its last line, one JSON object with its aims. */
import { readdirSync } from 'node:fs';
import { arch, cpus, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Bench } from './bench.ts';

const here = import.meta.dirname;
const names = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();
const [name, ...args] = process.argv.slice(2);

if (name === undefined || name === '--help' || !names.includes(name)) {
  const known = `usage: npm run bench -- NAME\n\nbenchmarks: ${names.join(', ')}`;
  if (name === undefined || name === '--help') console.log(known);
  else console.error(`no benchmark is called "${name}"\n${known}`);
  process.exit(name === '--help' ? 0 : 2);
}

const { bench } = (await import(join(here, name, 'bench.ts'))) as { bench: Bench };
const gib = (totalmem() / 2 ** 30).toFixed(0);
console.log(`${bench.name}: ${bench.summary}`);
console.log(
  `machine: ${cpus().length} × ${cpus()[0]?.model.trim()}, ${gib} GiB, ${platform()}-${arch()}, Node ${process.version}\n`,
);
const aims = await bench.run(args);
console.log(`\n${JSON.stringify({ bench: bench.name, aims })}`);
process.exit(process.exitCode ?? 0);
