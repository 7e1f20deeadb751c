import { useMemo } from 'react';
import {
  formatDuration,
  formatNumber,
  type TimeSeriesPanel,
  type Unit,
  type ViewDescription,
} from '@millrace/views';
import { categoryColors, leftOverColor, stepColor } from '../../../components/charts/series-colors.ts';
import { TimeChart } from '../../../components/charts/time-chart.tsx';
import { WindowBars } from '../../../components/charts/window-bars.tsx';
import { labelsWidth, WindowLines } from '../../../components/charts/window-lines.tsx';
import { useCursor } from '../../../lib/cursor.ts';
import { useSettings } from '../../../lib/settings.ts';
import { barMs as barLength, type TimeRange } from '../../../lib/time-range.ts';
import { useMedia } from '../../../lib/use-media.ts';
import { useRows, useWatermark } from '../../../lib/use-view.ts';
import { clockTime } from '../../../lib/zone.ts';
import { PanelCard } from '../panel-card.tsx';
import { StateMark } from '../state-mark.tsx';
import { OTHER, timeBuckets, type Bucket } from '../time-buckets.ts';
import { fieldTitle, unitWords } from '../titles.ts';
import { NumbersTable } from './numbers-table.tsx';

/** A panel over time: bars or lines, one per field or per value of the series column. */
export function TimeSeriesCard({
  panel,
  view,
  range,
  windowMs,
  wide,
}: {
  readonly panel: TimeSeriesPanel;
  readonly view: ViewDescription;
  readonly range: TimeRange;
  readonly windowMs: number;
  readonly wide: boolean;
}) {
  const rows = useRows(view.name);
  const watermark = useWatermark(view.name);
  const { zone } = useSettings();
  const barMs = barLength(range.toMs - range.fromMs, windowMs);
  const { buckets, series } = useMemo(
    () => timeBuckets(panel, rows, { range, barMs }),
    [panel, rows, range, barMs],
  );
  const column = view.columns.find(({ name }) => name === panel.y[0]);
  const unit = panel.unit ?? column?.unit;
  const isBars = panel.shape === 'bars';
  const isByCategory = panel.series !== undefined;
  const categories = series.map(({ name }) => name).filter((name) => name !== OTHER);
  const colors =
    isByCategory || (isBars && series.length > 1)
      ? categoryColors.colorsOf(categories)
      : categories.map((_name, index) => stepColor(index, categories.length));
  const drawn = series.map(({ name }, index) => ({
    name,
    label: isByCategory ? name : shortLabel(name, panel.y),
    color: name === OTHER ? leftOverColor : (colors[index] ?? leftOverColor),
  }));
  const title = panel.title ?? panel.y.map(fieldTitle).join(', ');
  const over = overWords(panel, { isBars, barMs, windowMs });
  const fullTitle = `${title}${unitWords(unit, column)}${over}`;
  const maxValue = buckets.reduce((max, { values }) => Math.max(max, ...heights(values, isBars)), 0);
  const isNarrow = useMedia('(max-width: 600px)');
  const hasLabels = !isBars && drawn.length > 1 && !(isByCategory && isNarrow);
  const labelWidth = labelsWidth(drawn.map(({ label }) => label));
  return (
    <PanelCard
      title={fullTitle}
      wide={wide}
      steps={{ range, barMs }}
      readout={<Readout buckets={buckets} drawn={drawn} unit={unit} />}
      legend={
        drawn.length > 1 && !hasLabels ? (
          <ul className="legend">
            {drawn.map(({ name, label, color }) => (
              <li key={name}>
                <svg viewBox="0 0 10 10" aria-hidden="true">
                  <rect width="10" height="10" rx="2" fill={color} />
                </svg>
                {label}
              </li>
            ))}
          </ul>
        ) : undefined
      }
      chart={
        <TimeChart
          label={`${fullTitle}: ${buckets.length} values; press t for the numbers`}
          range={range}
          barMs={barMs}
          maxValue={maxValue}
          unit={unit}
          watermark={watermark}
          labelWidth={hasLabels ? labelWidth : 0}
        >
          {isBars ? (
            <WindowBars buckets={buckets} series={drawn} />
          ) : (
            <WindowLines buckets={buckets} series={drawn} hasLabels={hasLabels} />
          )}
        </TimeChart>
      }
      table={
        <NumbersTable
          caption={fullTitle}
          head={['Window', 'State', ...drawn.map(({ label }) => label)]}
          rows={buckets.toReversed().map(({ startMs, state, revision, values }) => ({
            key: String(startMs),
            cells: [
              clockTime(startMs, zone),
              <StateMark key="state" state={state} revision={revision} />,
              ...drawn.map(({ name }) => formatNumber(values.get(name) ?? null, unit)),
            ],
          }))}
        />
      }
    />
  );
}

/** The numbers at the cursor, or of the newest window. */
function Readout({
  buckets,
  drawn,
  unit,
}: {
  readonly buckets: readonly Bucket[];
  readonly drawn: readonly { readonly name: string; readonly label: string; readonly color: string }[];
  readonly unit: Unit | undefined;
}) {
  const [, timeMs] = useCursor();
  const { zone } = useSettings();
  const bucket =
    timeMs === null
      ? buckets.at(-1)
      : buckets.find(({ startMs, endMs }) => startMs <= timeMs && timeMs < endMs);
  if (bucket === undefined) {
    return timeMs === null ? null : <span className="faint">{clockTime(timeMs, zone)} no data</span>;
  }
  const shown = drawn.filter(({ name }) => bucket.values.has(name)).slice(0, 3);
  return (
    <>
      <span className="faint">{clockTime(bucket.startMs, zone)}</span>{' '}
      {shown.map(({ name, label }) => (
        <span key={name} className="readout__value">
          {drawn.length > 1 && <span className="faint">{label} </span>}
          <b>{formatNumber(bucket.values.get(name) ?? null, unit)}</b>
        </span>
      ))}
      <StateMark state={bucket.state} revision={bucket.revision} />
    </>
  );
}

const COMBINED = { sum: 'sum', max: 'highest', min: 'lowest', mean: 'mean', last: 'last' };

/** What time a value stands for: ` per 10 s`, or of how many windows it is which one. */
function overWords(
  { combine = 'sum' }: TimeSeriesPanel,
  { isBars, barMs, windowMs }: { isBars: boolean; barMs: number; windowMs: number },
): string {
  if (combine === 'sum') return ` per ${formatDuration(barMs)}`;
  const windows = `${formatDuration(windowMs)} windows`;
  if (barMs > windowMs) return `, ${COMBINED[combine]} of ${barMs / windowMs} ${windows}`;
  return isBars ? ` per ${formatDuration(barMs)}` : `, ${windows}`;
}

/** What a field is called among its like: `p50_ms`, `p95_ms` are p50 and p95. */
function shortLabel(field: string, fields: readonly string[]): string {
  if (fields.length === 1) return fieldTitle(field);
  return /(?:^|_)(p\d+)(?:_|$)/.exec(field)?.[1] ?? fieldTitle(field);
}

function heights(values: ReadonlyMap<string, number>, isStacked: boolean): number[] {
  return isStacked ? [[...values.values()].reduce((sum, value) => sum + value, 0)] : [...values.values()];
}
