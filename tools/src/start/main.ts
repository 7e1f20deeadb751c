/** `npm start`: every part in one process, embedded by default; prints a line per stage and then the URL. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { start } from './start.ts';

const root = join(import.meta.dirname, '../../..');

if (process.argv.includes('--help')) {
  console.log(`usage: npm start [-- --file PATH ...] [--simulate N]

Runs the broker, the schema registry, the producer, the processor and the dashboard in this process and keeps their data
in .millrace/. MILLRACE_PROFILE=services uses the services that "npm run services" brought up instead of the embedded ones.

  --file PATH    follow this access log (common or combined format) instead of the dashboard's own; also several
  --simulate N   add N generated lines a second (default: 2, or 0 with --file)

PIPELINES=web-logs (several: separated by commas) runs only these pipelines. .env.example names every variable.`);
  process.exit(0);
}

process.chdir(process.env.INIT_CWD ?? root);
if (existsSync('.env')) process.loadEnvFile('.env');
mkdirSync(process.env.MILLRACE_DIR ?? '.millrace', { recursive: true });

try {
  const system = await start({ env: process.env, args: process.argv.slice(2) }, (line) => console.log(line));
  console.log(
    `\n  Millrace is up: ${system.url}\n  Ctrl-C stops it; the data stays in ${process.env.MILLRACE_DIR ?? '.millrace'}/\n`,
  );
  let stopping = false;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stopping) process.exit(130); // a second Ctrl-C does not wait
      stopping = true;
      console.log('\nstopping …');
      system.stop().then(
        () => process.exit(0),
        (error: Error) => {
          console.error(error.message);
          process.exit(1);
        },
      );
    });
  }
} catch (error) {
  console.error(`\n${(error as Error).message}`);
  process.exit(1);
}
