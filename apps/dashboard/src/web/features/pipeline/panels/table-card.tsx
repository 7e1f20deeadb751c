import { useMemo } from 'react';
import {
  formatCell,
  isNumeric,
  type Column,
  type ResultRow,
  type TablePanel,
  type ViewDescription,
} from '@millrace/views';
import { useSettings } from '../../../lib/settings.ts';
import type { TimeRange } from '../../../lib/time-range.ts';
import { useRows } from '../../../lib/use-view.ts';
import { clockTime, dateAndTime, type Zone } from '../../../lib/zone.ts';
import { PanelCard } from '../panel-card.tsx';
import { StateMark } from '../state-mark.tsx';
import { fieldTitle } from '../titles.ts';

const DEFAULT_LIMIT = 30;
/** Shown of a list in a cell. */
const MAX_ENTRIES = 3;

/** The newest rows of a view. */
export function TableCard({
  panel,
  view,
  range,
  topic,
}: {
  readonly panel: TablePanel;
  readonly view: ViewDescription;
  readonly range: TimeRange;
  readonly topic: string;
}) {
  const all = useRows(view.name);
  const { zone } = useSettings();
  const limit = panel.limit ?? DEFAULT_LIMIT;
  const rows = useMemo(
    () =>
      all
        .filter(
          ({ windowStart }) =>
            view.timeOf === 'nothing' || (windowStart >= range.fromMs && windowStart < range.toMs),
        )
        .slice(-limit)
        .reverse(),
    [all, range, limit, view],
  );
  const columns = useMemo(() => columnsOf(panel, view), [panel, view]);
  const hasWindows = view.timeOf === 'windows';
  const title = panel.title ?? `Newest rows of ${view.name}`;
  return (
    <PanelCard
      title={title}
      wide
      readout={<code title="The topic that these rows come from">{topic}</code>}
      chart={
        <div
          className={rows.length === 0 ? undefined : 'table-scroll table-scroll--rows'}
          tabIndex={0}
          role="region"
          aria-label={title}
        >
          <table className="numbers">
            <thead>
              <tr>
                {view.timeOf !== 'nothing' && <th scope="col">{hasWindows ? 'Window' : 'Time'}</th>}
                {hasWindows && <th scope="col">State</th>}
                {columns.map(({ name, type }) => (
                  <th key={name} scope="col" className={alignment(type)}>
                    {fieldTitle(name)}
                  </th>
                ))}
                {hasWindows && <th scope="col">Watermark</th>}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                <tr key={index}>
                  {view.timeOf === 'rows' && <th scope="row">{dateAndTime(row.windowStart, zone)}</th>}
                  {hasWindows && (
                    <>
                      <th scope="row" title={`[${row.windowStart}, ${row.windowEnd})`}>
                        {dateAndTime(row.windowStart, zone)}–{clockTime(row.windowEnd, zone)}
                      </th>
                      <td className="text">
                        <StateMark state={row.state} revision={row.revision} />
                      </td>
                    </>
                  )}
                  {columns.map((column) => (
                    <td key={column.name} className={alignment(column.type)}>
                      {cellText(row, column, zone)}
                    </td>
                  ))}
                  {hasWindows && (
                    <td className="text">{row.watermark === null ? '–' : clockTime(row.watermark, zone)}</td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
          {rows.length === 0 && <p className="nothing">None in this range.</p>}
        </div>
      }
    />
  );
}

const OWN_COLUMNS = new Set(['windowStart', 'windowEnd', 'state', 'revision', 'watermark']);

function columnsOf(panel: TablePanel, view: ViewDescription): Column[] {
  const wanted = panel.columns === undefined ? undefined : new Set<string>(panel.columns);
  return view.columns.filter(
    ({ name }) => !OWN_COLUMNS.has(name) && name !== view.timeColumn && (wanted?.has(name) ?? true),
  );
}

const alignment = (type: Column['type']): string => (isNumeric({ type } as Column) ? 'number' : 'text');

function cellText(row: ResultRow, { name, type, unit }: Column, zone: Zone): string {
  const value = row[name];
  if (type === 'timestamp' && typeof value === 'number') return dateAndTime(value, zone);
  if (!Array.isArray(value)) return formatCell(value, unit);
  const entries = value.slice(0, MAX_ENTRIES).map((entry: unknown) => {
    const { value: named, count } = (entry ?? {}) as { value?: unknown; count?: unknown };
    return named === undefined ? JSON.stringify(entry) : `${String(named)} ${String(count ?? '')}`;
  });
  return entries.join(' · ') + (value.length > MAX_ENTRIES ? ' …' : '');
}
