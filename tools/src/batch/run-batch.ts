import { type Lake, openStorage, type StorageAdapter, StorageError } from '@millrace/storage';
import { type PipelineDefinition, viewTable } from '@millrace/streams';
import { formatTable } from '../lake/format-table.ts';
import { compareRows, type Difference } from './compare.ts';
import { missingFields } from './left-out.ts';
import { recompute, type Span } from './recompute.ts';

const SHOWN_DIFFERENCES = 5;

export interface BatchOptions {
  readonly definition: PipelineDefinition;
  readonly lake: Lake;
  /** Addresses of stores by the names that views' `sinks` use. */
  readonly stores: Readonly<Record<string, string>>;
  readonly span: Span;
  readonly nowMs: number;
  readonly print: (line: string) => void;
  /** Print the rows of this view instead of comparing. */
  readonly rowsOf?: string;
}

/** Recomputes a span and compares it with the stored results. Gives the process's exit status. */
export async function runBatch(options: BatchOptions): Promise<number> {
  const { definition, lake, span, nowMs, print, rowsOf } = options;
  const { events, rows, setAside } = await recompute(definition, { lake, span, nowMs });
  if (rowsOf !== undefined) {
    for (const row of rows.get(rowsOf) ?? []) print(JSON.stringify(row));
    return 0;
  }
  print(
    `${definition.name}, ${new Date(span.fromMs).toISOString().slice(0, 10)} (UTC): ${events} events in ${lake.location}`,
  );
  for (const [code, count] of setAside) print(`  ${count} set aside: ${code}`);
  if (span.toMs > nowMs) print('  The day is not over: windows that are still filling differ.');

  const lines: unknown[][] = [];
  const different: string[] = [];
  const open = new Map<string, Promise<StorageAdapter>>();
  try {
    for (const [view, batch] of rows) {
      const table = viewTable(definition, view);
      const missing = missingFields(definition, view);
      const name = (definition.views[view]?.sinks ?? ['serving']).find(
        (sink) => options.stores[sink] !== undefined,
      );
      const note =
        missing.length > 0
          ? `not compared: reads ${missing.join(', ')}, which the lake leaves out`
          : table.time === undefined
            ? 'not compared: keeps one row per key, not by day'
            : name === undefined
              ? 'not compared: no store'
              : undefined;
      if (note !== undefined || name === undefined) {
        lines.push([view, batch.length, null, null, null, null, null, note]);
        continue;
      }
      if (!open.has(name)) open.set(name, openStorage(options.stores[name]!));
      const stored = await readStored(await open.get(name)!, table, span);
      const { equal, differences, ...counts } = compareRows(table, batch, stored);
      lines.push([
        view,
        batch.length,
        stored.length,
        equal,
        counts.different,
        counts.onlyBatch,
        counts.onlyStored,
        '',
      ]);
      different.push(...differences.slice(0, SHOWN_DIFFERENCES).map((one) => `${view} ${described(one)}`));
    }
  } finally {
    for (const storage of open.values())
      await storage.then((opened) => opened.close()).catch(() => undefined);
  }
  print(
    formatTable(['view', 'batch', 'stored', 'equal', 'different', 'only batch', 'only stored', ''], lines),
  );
  for (const line of different) print(line);
  print(different.length === 0 ? 'equal' : 'not equal');
  return different.length === 0 ? 0 : 1;
}

async function readStored(storage: StorageAdapter, table: ReturnType<typeof viewTable>, span: Span) {
  try {
    return await storage.read(table, span);
  } catch (error) {
    if (error instanceof StorageError && error.code === 'STORAGE_TABLE_MISSING') return [];
    throw error;
  }
}

function described({ row, column, batch, stored }: Difference): string {
  const where = JSON.stringify(row);
  if (column !== undefined)
    return `${where} ${column}: batch ${JSON.stringify(batch)}, stored ${JSON.stringify(stored)}`;
  return `${where}: ${stored === undefined ? 'not stored' : 'stored only'}`;
}
