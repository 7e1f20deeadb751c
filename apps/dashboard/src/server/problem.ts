import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';

/** An error as HTTP carries it. @see https://www.rfc-editor.org/rfc/rfc9457 */
export interface Problem {
  readonly status: number;
  /** Names the kind of problem; becomes `type`, `urn:millrace:problem:<kind>`. */
  readonly kind: string;
  /** What happened, to what, and what to do. */
  readonly detail: string;
  /** One entry per field that was refused. */
  readonly errors?: readonly { readonly name: string; readonly detail: string }[];
}

/** Answers with `problem` as `application/problem+json`. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const { status, kind, ...rest } = problem;
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: `urn:millrace:problem:${kind}`,
        title: STATUS_CODES[status] ?? 'Error',
        status,
        ...rest,
        instance: reply.request.url,
      }),
    );
}
