import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';

/** Answers with a problem. @see https://www.rfc-editor.org/rfc/rfc9457 */
export function sendProblem(
  reply: FastifyReply,
  {
    status,
    ...rest
  }: { readonly status: number; readonly detail: string; readonly errors?: readonly object[] },
): FastifyReply {
  const title = STATUS_CODES[status] ?? 'Error';
  return reply
    .code(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: `urn:millrace:problem:events-${status}`, title, status, ...rest }));
}
