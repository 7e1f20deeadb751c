import { formatAccessLogLine } from '@millrace/pipelines';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { AccessLog } from './access-log.ts';

/** Longest request target, referrer and user agent written, so that a line stays far under what a reader takes. */
const MAX_FIELD_CHARS = 4_096;

const cut = (text: string | undefined) => text?.slice(0, MAX_FIELD_CHARS) || null;

/** Bytes of the response's body, without its header, as combined format wants them; those sent so far if it was cut off. */
function bodyBytes(response: ServerResponse, bytesBefore: number, bytesAfter: number): number {
  const length = response.getHeader('content-length');
  if (response.writableFinished && length !== undefined) {
    return response.req.method === 'HEAD' ? 0 : Number(length);
  }
  const { _header: header } = response as { _header?: string };
  return Math.max(0, bytesAfter - bytesBefore - (header?.length ?? 0));
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The response lasts as long as its reader wants, so that its duration says nothing of the server. */
    readonly isStream?: boolean;
  }
}

/**
 * Writes a line to `log` when the response to `request` has ended, whether it was sent whole or cut off; a stream's
 * without a duration.
 */
export function logWhenEnded(request: FastifyRequest, reply: FastifyReply, log: AccessLog): void {
  const { raw } = request;
  const { socket } = raw;
  const startMs = performance.now();
  const bytesBefore = socket.bytesWritten;
  const { isStream = false } = request.routeOptions.config ?? {};
  const host = request.ip; // a socket that was cut off no longer knows it
  reply.raw.once('close', () => {
    log.write(
      formatAccessLogLine({
        timeMs: Date.now(),
        host,
        user: null,
        method: request.method,
        path: cut(raw.url) ?? '-',
        protocol: `HTTP/${raw.httpVersion}`,
        status: reply.raw.statusCode,
        bytes: bodyBytes(reply.raw, bytesBefore, socket.bytesWritten),
        durationMs: isStream ? null : performance.now() - startMs,
        referrer: cut(raw.headers.referer),
        userAgent: cut(raw.headers['user-agent']),
      }),
    );
  });
}

/** Writes a line for what came over `socket` and was no HTTP: it was answered, too. */
export function logNotHttp(socket: Socket, status: number, log: AccessLog): void {
  log.write(
    formatAccessLogLine({
      timeMs: Date.now(),
      host: socket.remoteAddress ?? '-',
      user: null,
      method: '-',
      path: '-',
      protocol: '-',
      status,
      bytes: 0,
      durationMs: 0,
      referrer: null,
      userAgent: null,
    }),
  );
}
