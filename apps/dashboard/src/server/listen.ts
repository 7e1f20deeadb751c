import type { FastifyInstance } from 'fastify';
import { DashboardError } from './errors.ts';

/**
 * Listens on `host` and `port` (0: any that is free) and returns the address to open.
 *
 * @throws DASHBOARD_PORT_TAKEN, DASHBOARD_LISTEN
 */
export async function listen(
  server: FastifyInstance,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    await server.listen({ host, port });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new DashboardError(
        'DASHBOARD_PORT_TAKEN',
        `Port ${port} is taken by another program: stop that one (ss -ltnp 'sport = :${port}' names it), or set PORT to a free port for the dashboard`,
        { cause },
      );
    }
    throw new DashboardError('DASHBOARD_LISTEN', `Cannot listen on ${host}:${port}: ${String(cause)}`, {
      cause,
    });
  }
  const [address] = server.addresses();
  const isAny = host === '0.0.0.0' || host === '::';
  const shownHost = isAny ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${shownHost}:${typeof address === 'object' ? address.port : port}`;
}
