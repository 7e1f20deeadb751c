import { useMemo } from 'react';
import { formatDuration, formatNumber, type StepsPanel, type ViewDescription } from '@millrace/views';
import { PartBar } from '../../../components/charts/part-bar.tsx';
import type { TimeRange } from '../../../lib/time-range.ts';
import { useRows } from '../../../lib/use-view.ts';
import { PanelCard } from '../panel-card.tsx';
import { stepsTaken } from '../steps-taken.ts';
import { fieldTitle } from '../titles.ts';
import { NumbersTable } from './numbers-table.tsx';

/** How many came how far in the page's range, one bar for each step. */
export function StepsCard({
  panel,
  view,
  range,
}: {
  readonly panel: StepsPanel;
  readonly view: ViewDescription;
  readonly range: TimeRange;
}) {
  const rows = useRows(view.name);
  const taken = useMemo(() => stepsTaken(panel, rows, range), [panel, rows, range]);
  const greatest = Math.max(0, ...taken.map(({ count }) => count));
  const last = taken.at(-1);
  const title = `${panel.title ?? 'Steps'} in ${formatDuration(range.toMs - range.fromMs)}`;
  const percent = (share: number | null) => formatNumber(share, 'ratio');
  return (
    <PanelCard
      title={title}
      readout={
        last === undefined || last.ofFirst === null
          ? undefined
          : `${percent(last.ofFirst)} of ${fieldTitle(taken[0]?.field ?? '').toLowerCase()} came to ${fieldTitle(last.field).toLowerCase()}`
      }
      chart={
        <ol className="ranking ranking--steps">
          {taken.map(({ field, count, filling, ofPrevious }) => (
            <li key={field}>
              <span className="ranking__name">{fieldTitle(field)}</span>
              <PartBar value={count} filling={filling} greatest={greatest} />
              <span className="ranking__value">{formatNumber(count)}</span>
              <span className="ranking__share">{ofPrevious === null ? '' : percent(ofPrevious)}</span>
            </li>
          ))}
        </ol>
      }
      table={
        <NumbersTable
          caption={title}
          head={['Step', 'Count', 'of the step before', 'of the first', 'of it filling']}
          rows={taken.map(({ field, count, filling, ofPrevious, ofFirst }) => ({
            key: field,
            cells: [
              fieldTitle(field),
              formatNumber(count),
              percent(ofPrevious),
              percent(ofFirst),
              formatNumber(filling),
            ],
          }))}
        />
      }
    />
  );
}
