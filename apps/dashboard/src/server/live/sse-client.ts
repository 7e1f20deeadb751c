import type { ServerResponse } from 'node:http';
import type { LiveReader } from './live-hub.ts';

/** What may wait for a browser that does not read; beyond it the connection is cut, since it can resume where it was. */
export const MAX_WAITING_BYTES = 524_288;

/** Wraps a response as a reader of the hub; `onDrop` is called when it was cut off for not reading. */
export function sseClient(
  response: ServerResponse,
  views: ReadonlySet<string>,
  onDrop: () => void,
): LiveReader {
  return {
    views,
    send(text) {
      if (response.destroyed || response.writableEnded) return;
      if (response.writableLength + text.length > MAX_WAITING_BYTES && response.writableNeedDrain) {
        onDrop();
        response.destroy();
        return;
      }
      response.write(text);
    },
  };
}
