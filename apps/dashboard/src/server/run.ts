import { randomBytes } from 'node:crypto';
import { connectRegistry, createDecoder } from '@millrace/schemas';
import { openStorage } from '@millrace/storage';
import type { PipelineDefinition } from '@millrace/streams';
import { openAccessLog } from './access-log/access-log.ts';
import { catalogueOf } from './catalogue.ts';
import { openCluster } from './cluster/cluster.ts';
import type { DashboardConfig } from './config.ts';
import { createServer } from './create-server.ts';
import { listen } from './listen.ts';
import { openHistory } from './history.ts';
import { LiveHub } from './live/live-hub.ts';
import { startPulse } from './live/live-pulse.ts';
import { createMetrics } from './metrics.ts';
import { watchRegistry } from './registry-watch.ts';
import { startResultsFeed } from './results-feed.ts';
import { healthOf } from './routes/health.ts';
import { VERSION } from './version.ts';
import { WEB_DIR } from './web-dir.ts';

export interface RunOptions {
  /** What is served; the configured pipelines by default. */
  readonly definitions?: readonly PipelineDefinition[];
  /** Gets one line per thing that a person should know; silent by default. */
  readonly log?: (line: string) => void;
  readonly webDir?: string;
}

/** A dashboard server that listens. */
export interface RunningDashboard {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts the dashboard server. It listens at once; broker, registry and store may come later, until when
 * `/api/health` says `starting`, and what is missing.
 *
 * @throws DASHBOARD_PORT_TAKEN, DASHBOARD_LISTEN
 */
export async function run(config: DashboardConfig, options: RunOptions = {}): Promise<RunningDashboard> {
  const { definitions = config.pipelines, log = () => undefined, webDir = WEB_DIR } = options;
  const catalogue = catalogueOf(definitions);
  const views = [...catalogue.views.values()];
  const metrics = createMetrics();
  const accessLog = await openAccessLog(config.accessLog.path, config.accessLog.maxBytes);
  const hub = new LiveHub(randomBytes(6).toString('hex'), views);
  const registry = connectRegistry({ url: config.registryUrl });
  const decoder = createDecoder<Record<string, unknown>>({ registry });
  const registryWatch = watchRegistry(registry, config.registryUrl);
  const cluster = openCluster(config.brokers, registry);
  const history = openHistory({
    open: () => openStorage(config.storageUrl),
    name: withoutPassword(config.storageUrl),
  });
  const feed = startResultsFeed({
    brokers: config.brokers,
    catalogue,
    decode: (bytes) => decoder.decode(bytes),
    hub,
    onUnreadable(topic, offset, error) {
      metrics.unreadable.inc({ topic });
      log(`cannot read ${topic} at offset ${offset}: ${String(error)}`);
    },
  });
  const health = healthOf(
    [
      { name: 'kafka', status: () => feed.status },
      { name: 'registry', status: registryWatch.status },
      { name: 'store', status: () => history.status },
    ],
    VERSION,
  );
  const pulse = startPulse({
    hub,
    health,
    setAside: () =>
      Object.fromEntries(catalogue.pipelines.map(({ name }) => [name, feed.setAside.counts(name)])),
  });
  const server = await createServer({
    catalogue,
    cluster,
    history,
    hub,
    setAside: feed.setAside,
    metrics,
    accessLog,
    health,
    liveMaxClients: config.liveMaxClients,
    webDir,
    onError: (error) => log(`failed to answer: ${error.stack ?? error.message}`),
  });

  async function stop(): Promise<void> {
    pulse.stop();
    registryWatch.stop();
    await server.close();
    await Promise.all([feed.stop(), history.stop(), cluster.close()]);
    await accessLog.close();
  }

  try {
    return { url: await listen(server, config), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}
