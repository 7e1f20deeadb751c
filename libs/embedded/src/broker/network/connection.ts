import type { Socket } from 'node:net';
import { FrameSplitter } from './frame-splitter.ts';

/** Requests of one connection that wait for their turn; past this nothing more is read from it. */
const MAX_QUEUED_FRAMES = 64;
const MAX_QUEUED_BYTES = 8 * 1024 * 1024;
/** Kafka's `connections.max.idle.ms`. */
const MAX_IDLE_MS = 600_000;

/** Bytes of unfinished requests that all connections together may hold. */
export const MAX_HELD_BYTES = 512 * 1024 * 1024;

/** Carries out one request: the answer's pieces, nothing if there is no answer, `close` if the connection is to end. */
export type FrameHandler = (frame: Buffer) => Answer | Promise<Answer>;
export type Answer = readonly Buffer[] | undefined | 'close';

/** What is shared by all connections of a listener. */
export interface Budget {
  heldBytes: number;
}

/** Serves one client: one request after the other, each answer in its turn, as Kafka's brokers do. */
export function serveConnection(socket: Socket, options: { handle: FrameHandler; budget: Budget }): void {
  const { handle, budget } = options;
  const splitter = new FrameSplitter();
  const queue: Buffer[] = [];
  let queuedBytes = 0;
  let held = 0;
  let busy = false;

  const hold = (bytes: number) => {
    budget.heldBytes += bytes - held;
    held = bytes;
  };

  const write = (pieces: readonly Buffer[]): boolean => {
    if (pieces.length === 1) return socket.write(pieces[0]!);
    socket.cork();
    let flowing = true;
    for (const piece of pieces) flowing = socket.write(piece);
    socket.uncork();
    return flowing;
  };

  /** Returns whether the next request may be taken up at once. */
  const answer = (result: Answer): boolean => {
    if (socket.destroyed) return false;
    if (result === 'close') {
      socket.destroy();
      return false;
    }
    if (result === undefined || write(result)) return true;
    busy = true;
    socket.once('drain', () => {
      busy = false;
      pump();
    });
    return false;
  };

  const pump = (): void => {
    while (!busy && queue.length > 0) {
      const frame = queue.shift()!;
      queuedBytes -= frame.length;
      if (socket.isPaused() && queue.length < MAX_QUEUED_FRAMES / 2 && queuedBytes < MAX_QUEUED_BYTES / 2) {
        socket.resume();
      }
      const result = handle(frame);
      if (!(result instanceof Promise)) {
        if (!answer(result)) return;
        continue;
      }
      busy = true;
      void result.then((late) => {
        busy = false;
        if (answer(late)) pump();
      });
    }
  };

  socket.on('data', (chunk: Buffer) => {
    let frames: Buffer[];
    try {
      frames = splitter.push(chunk);
    } catch {
      socket.destroy();
      return;
    }
    hold(splitter.heldBytes);
    if (budget.heldBytes > MAX_HELD_BYTES) {
      socket.destroy();
      return;
    }
    for (const frame of frames) {
      queue.push(frame);
      queuedBytes += frame.length;
    }
    if (queue.length > MAX_QUEUED_FRAMES || queuedBytes > MAX_QUEUED_BYTES) socket.pause();
    pump();
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    hold(0);
    queue.length = 0;
  });
  socket.setNoDelay(true);
  socket.setTimeout(MAX_IDLE_MS, () => socket.destroy());
}
