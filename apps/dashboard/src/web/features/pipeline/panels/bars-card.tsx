import { useMemo } from 'react';
import { formatDuration, formatNumber, type BarsPanel, type ViewDescription } from '@millrace/views';
import { PartBar } from '../../../components/charts/part-bar.tsx';
import type { TimeRange } from '../../../lib/time-range.ts';
import { useRows } from '../../../lib/use-view.ts';
import { PanelCard } from '../panel-card.tsx';
import { ranking } from '../ranking.ts';
import { fieldTitle, unitWords } from '../titles.ts';
import { NumbersTable } from './numbers-table.tsx';

/** The largest categories of the page's range, one bar each. */
export function BarsCard({
  panel,
  view,
  range,
}: {
  readonly panel: BarsPanel;
  readonly view: ViewDescription;
  readonly range: TimeRange;
}) {
  const rows = useRows(view.name);
  const { ranked, categories } = useMemo(() => ranking(panel, rows, range), [panel, rows, range]);
  const column = view.columns.find(({ name }) => name === panel.y);
  const unit = panel.unit ?? column?.unit;
  const by = panel.by === undefined ? '' : ` by ${fieldTitle(panel.by).toLowerCase()}`;
  const title = `${panel.title ?? `${fieldTitle(panel.y)}${by}`}${unitWords(unit, column)} in ${formatDuration(range.toMs - range.fromMs)}`;
  const greatest = ranked[0]?.value ?? 0;
  return (
    <PanelCard
      title={title}
      readout={categories > ranked.length ? `the largest ${ranked.length} of ${categories}` : undefined}
      chart={
        <ol className="ranking">
          {ranked.map(({ name, value, filling }) => (
            <li key={name}>
              <span className="ranking__name" title={name}>
                {name}
              </span>
              <PartBar value={value} filling={filling} greatest={greatest} />
              <span className="ranking__value">{formatNumber(value, unit)}</span>
            </li>
          ))}
        </ol>
      }
      table={
        <NumbersTable
          caption={title}
          head={[
            panel.by === undefined ? 'Value' : fieldTitle(panel.by),
            fieldTitle(panel.y),
            'of it filling',
          ]}
          rows={ranked.map(({ name, value, filling }) => ({
            key: name,
            cells: [name, formatNumber(value, unit), formatNumber(filling, unit)],
          }))}
        />
      }
    />
  );
}
