import { execFile } from 'node:child_process';
import { ServiceError } from '../errors.ts';

/** Runs a program to its end and resolves with its output. @throws ServiceError `SERVICES_MISSING` or `SERVICES_COMMAND` */
export function run(
  file: string,
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly remedy?: string;
    readonly user?: { readonly uid: number; readonly gid: number };
  } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      file,
      [...args],
      {
        maxBuffer: 64 << 20,
        env: { ...process.env, ...options.env },
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        ...(options.user ?? {}),
      },
      (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
          const remedy = options.remedy ?? `install ${file}`;
          return reject(
            new ServiceError('SERVICES_MISSING', `${file} was not found: ${remedy}.`, { cause: error }),
          );
        }
        const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-15).join('\n');
        reject(
          new ServiceError('SERVICES_COMMAND', `"${file} ${args.join(' ')}" failed:\n${said}`, {
            cause: error,
          }),
        );
      },
    );
  });
}
