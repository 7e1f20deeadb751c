import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { InstanceSettings } from './run.ts';

/** An instance of a pipeline in a process of its own. */
export function startInstance(settings: InstanceSettings) {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@millrace/source',
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, 'instance-process.ts'),
      JSON.stringify(settings),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  return {
    /** Its tasks run; also when it ended by itself. */
    atWork: Promise.race([once(child.stdout, 'data'), exited]),
    /** Ends it as a power cut would. */
    kill: async (): Promise<void> => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
