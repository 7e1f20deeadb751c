export { buildWeb, type BuildWebOptions } from './server/build-web.ts';
export { readConfig, type DashboardConfig } from './server/config.ts';
export { DashboardError } from './server/errors.ts';
export { run, type RunningDashboard, type RunOptions } from './server/run.ts';
