import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './fetch/debian.ts';
import { answers } from './health.ts';
import type { Service } from './service.ts';

const port = 19090;
const url = `http://127.0.0.1:${port}`;
const find = (): string => findProgram('prometheus', 'prometheus');

/** Prometheus, scraping the apps on their default ports. */
export const prometheus: Service = {
  name: 'prometheus',
  title: 'Prometheus 2',
  port,
  url,
  testEnv: {},
  appEnv: {},
  startTimeoutMs: 30_000,
  fetch: async () => void find(),
  prepare: async (dir) => {
    const config = join(dir, 'prometheus.yaml');
    mkdirSync(dir, { recursive: true });
    writeFileSync(config, scrapeConfig);
    return {
      file: find(),
      args: [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(dir, 'data')}`,
        '--storage.tsdb.retention.time=2d',
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
    };
  },
  healthy: () => answers(`${url}/-/ready`),
};

const scrapeConfig = `global: { scrape_interval: 5s }
scrape_configs:
  - job_name: dashboard
    static_configs: [{ targets: ['127.0.0.1:4200'] }]
  - job_name: producer
    static_configs: [{ targets: ['127.0.0.1:4201'] }]
  - job_name: processor
    static_configs: [{ targets: ['127.0.0.1:4202'] }]
`;
