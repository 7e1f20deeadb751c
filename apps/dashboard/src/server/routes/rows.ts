import type { ViewRows } from '@millrace/views';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Catalogue } from '../catalogue.ts';
import type { History } from '../history.ts';
import type { LiveHub } from '../live/live-hub.ts';
import { sendProblem } from '../problem.ts';

const DEFAULT_RANGE_MS = 3_600_000;
const DEFAULT_LIMIT = 1_000;
/** What a browser can draw, and a response of some megabytes. */
const MAX_LIMIT = 10_000;

const time = z
  .string()
  .transform((text) => (/^-?\d{1,15}$/.test(text) ? Number(text) : Date.parse(text)))
  .refine(Number.isFinite, 'is neither epoch milliseconds nor an ISO 8601 time');

const query = z.strictObject({
  from: time.optional(),
  to: time.optional(),
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
});

/** `GET /api/views/:view/rows?from&to&limit`: stored rows whose window starts in `[from, to)`, by default the last hour's. */
export function serveRows(
  server: FastifyInstance,
  { catalogue, history, hub }: { catalogue: Catalogue; history: History; hub: LiveHub },
): void {
  server.get<{ Params: { view: string } }>('/api/views/:view/rows', async (request, reply) => {
    const view = catalogue.views.get(request.params.view);
    if (view === undefined) return sendProblem(reply, unknownView(catalogue, request.params.view));
    const parsed = query.safeParse(request.query);
    if (!parsed.success) {
      return sendProblem(reply, {
        status: 400,
        kind: 'bad-query',
        detail: 'The query takes from and to (epoch milliseconds or ISO 8601) and limit',
        errors: parsed.error.issues.map(({ path, message }) => ({ name: path.join('.'), detail: message })),
      });
    }
    const { from, to, limit } = parsed.data;
    const fromMs = from ?? (to ?? Date.now()) - DEFAULT_RANGE_MS;
    const range = { fromMs, limit, ...(to === undefined ? {} : { toMs: to }) };
    const { rows, truncated } = await history.rows(view, range);
    const stored = rows.reduce<number | null>(
      (greatest, { watermark }) =>
        (watermark ?? -Infinity) > (greatest ?? -Infinity) ? watermark : greatest,
      null,
    );
    const answer: ViewRows = { rows, watermark: hub.watermark(view.name) ?? stored, truncated };
    return reply.header('cache-control', 'no-store').send(answer);
  });
}

/** The problem of a view that there is not, naming those that there are. */
export function unknownView(catalogue: Catalogue, name: string) {
  const known = [...catalogue.views.keys()].join(', ') || 'none';
  return {
    status: 404,
    kind: 'unknown-view',
    detail: `There is no view ${JSON.stringify(name)}. Views: ${known}`,
  };
}
