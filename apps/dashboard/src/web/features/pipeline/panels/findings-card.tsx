import {
  formatCell,
  formatDuration,
  type FindingsPanel,
  type ResultRow,
  type ViewDescription,
} from '@millrace/views';
import { useSettings } from '../../../lib/settings.ts';
import { findingsShownMs, type TimeRange } from '../../../lib/time-range.ts';
import { useRows } from '../../../lib/use-view.ts';
import { dateAndTime } from '../../../lib/zone.ts';
import { StateMark } from '../state-mark.tsx';

/** More than a person looks through; the rows themselves are in the view. */
const MOST_SHOWN = 50;

/** What was found, newest first; one line where nothing was. */
export function FindingsCard({
  panel,
  view,
  range,
  topic,
}: {
  readonly panel: FindingsPanel;
  readonly view: ViewDescription;
  readonly range: TimeRange;
  readonly topic: string;
}) {
  const { zone } = useSettings();
  const overMs = findingsShownMs(panel, range.toMs - range.fromMs);
  const rows = useRows(view.name).filter(({ windowEnd }) => windowEnd > range.toMs - overMs);
  const title = panel.title ?? `Findings of ${view.name}`;
  const timeOf = (row: ResultRow) => Number(row[panel.at ?? 'windowStart']);
  const unitOf = (field: string) => view.columns.find(({ name }) => name === field)?.unit;
  return (
    <section className={rows.length > 0 ? 'finding finding--some' : 'finding'} aria-label={title}>
      <h2>
        {title} <span className="finding__count">{rows.length === 0 ? 'none' : rows.length}</span>{' '}
        <span className="finding__range" title={`Topic ${topic}`}>
          in {formatDuration(overMs)}
        </span>
      </h2>
      {rows.length > 0 && (
        <ol className="finding__rows" tabIndex={0}>
          {rows
            .slice(-MOST_SHOWN)
            .reverse()
            .map((row) => (
              <li key={`${row.windowStart}/${String(row[panel.subject ?? ''])}`}>
                <time dateTime={new Date(timeOf(row)).toISOString()}>{dateAndTime(timeOf(row), zone)}</time>
                <b className="finding__score" title="Score: 1 is just worth a look">
                  {formatCell(row[panel.score], unitOf(panel.score))}
                </b>
                <span className="finding__reason">{formatCell(row[panel.reason], undefined)}</span>
                {panel.subject !== undefined && (
                  <code className="finding__subject">{formatCell(row[panel.subject], undefined)}</code>
                )}
                <StateMark state={row.state} revision={row.revision} />
              </li>
            ))}
        </ol>
      )}
    </section>
  );
}
