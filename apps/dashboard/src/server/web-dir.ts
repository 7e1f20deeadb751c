import { join } from 'node:path';

const runsFromSource = import.meta.filename.endsWith('.ts');

/** The built web pages: `dist/web`, whether the server runs from `src/server` or from `dist/server`. */
export const WEB_DIR = join(import.meta.dirname, runsFromSource ? '../../dist/web' : '../web');
