import { buildWeb } from '../build-web.ts';

await buildWeb({ ifStale: process.argv.includes('--if-stale') });
