import type { AnswerPanel, Panel, ViewDescription } from '@millrace/views';
import type { TimeRange } from '../../lib/time-range.ts';
import { BarsCard } from './panels/bars-card.tsx';
import { StatCard } from './panels/stat-card.tsx';
import { TableCard } from './panels/table-card.tsx';
import { TimeSeriesCard } from './panels/time-series-card.tsx';

/** Draws a panel by its type. */
export function PanelView({
  panel,
  ...rest
}: {
  readonly panel: Exclude<Panel, AnswerPanel>;
  readonly view: ViewDescription;
  readonly range: TimeRange;
  readonly windowMs: number;
  readonly wide: boolean;
  readonly topic: string;
}) {
  switch (panel.type) {
    case 'timeSeries':
      return <TimeSeriesCard panel={panel} {...rest} />;
    case 'bars':
      return <BarsCard panel={panel} {...rest} />;
    case 'stat':
      return <StatCard panel={panel} {...rest} />;
    case 'table':
      return <TableCard panel={panel} {...rest} />;
  }
}
