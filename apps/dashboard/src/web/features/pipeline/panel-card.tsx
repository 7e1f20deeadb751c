import { useState, type KeyboardEvent, type ReactNode } from 'react';
import { useCursor } from '../../lib/cursor.ts';
import type { TimeRange } from '../../lib/time-range.ts';

export interface PanelCardProps {
  readonly title: string;
  /** What it shows at the cursor, or of its newest window. */
  readonly readout?: ReactNode;
  readonly legend?: ReactNode;
  readonly wide?: boolean;
  /** Lets the arrow keys move the page's cursor. */
  readonly steps?: { readonly range: TimeRange; readonly barMs: number };
  readonly chart: ReactNode;
  /** The numbers of the chart, one key (t) away. */
  readonly table?: ReactNode;
}

/** A chart with its title, its readout and the table behind it. */
export function PanelCard({ title, readout, legend, wide, steps, chart, table }: PanelCardProps) {
  const [showsTable, setShowsTable] = useState(false);
  const [cursor] = useCursor();

  function onKey(event: KeyboardEvent) {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === 't' && table !== undefined) setShowsTable(!showsTable);
    else if (steps !== undefined && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) {
      const { range, barMs } = steps;
      const step = event.key === 'ArrowLeft' ? -barMs : barMs;
      const from = cursor.timeMs ?? range.toMs;
      cursor.set(Math.min(range.toMs - barMs, Math.max(range.fromMs, from + step)));
      event.preventDefault();
    } else if (event.key === 'Escape') cursor.set(null);
  }

  return (
    <section className={wide === true ? 'panel panel--wide' : 'panel'} aria-label={title} onKeyDown={onKey}>
      <div className="panel__head">
        <h2>{title}</h2>
        {table !== undefined && (
          <button
            type="button"
            className="quiet"
            aria-pressed={showsTable}
            aria-keyshortcuts="t"
            title="Show the numbers (t); arrow keys move the cursor"
            onClick={() => setShowsTable(!showsTable)}
          >
            {showsTable ? 'Chart' : 'Table'}
          </button>
        )}
      </div>
      <div className="panel__readout">{readout}</div>
      {legend}
      <div className="panel__body">{showsTable ? table : chart}</div>
    </section>
  );
}
