import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Sends `request` to a local port and resolves with the first bytes that come back, or `undefined` on refusal or silence. */
export function ask(port: number, request: Buffer | string, timeoutMs = 2_000): Promise<Buffer | undefined> {
  return new Promise((settle) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (answer?: Buffer): void => {
      socket.destroy();
      settle(answer);
    };
    socket.setTimeout(timeoutMs, () => end());
    socket.once('error', () => end());
    socket.once('close', () => end());
    socket.once('data', (bytes: Buffer) => end(bytes));
    socket.once('connect', () => socket.write(request));
  });
}

/** Whether something listens on a local port. */
export function listening(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (open: boolean): void => {
      socket.destroy();
      settle(open);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.once('error', () => end(false));
    socket.once('connect', () => end(true));
  });
}

/** Whether an HTTP address answers with a status that `accept` takes. */
export async function answers(
  url: string,
  accept = (status: number): boolean => status === 200,
): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return accept(response.status);
  } catch {
    return false;
  }
}

/** Repeats `check` until it holds; `false` when `timeoutMs` have passed or `alive` says that waiting is pointless. */
export async function waitUntil(
  check: () => Promise<boolean>,
  options: { readonly timeoutMs: number; readonly alive?: () => boolean },
): Promise<boolean> {
  const deadline = Date.now() + options.timeoutMs;
  while (Date.now() < deadline) {
    if (await check()) return true;
    if (options.alive?.() === false) return false;
    await delay(200);
  }
  return false;
}
