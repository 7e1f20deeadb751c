import { memo } from 'react';
import type { AnswerPanel, Panel, ViewDescription } from '@millrace/views';
import type { TimeRange } from '../../lib/time-range.ts';
import { BarsCard } from './panels/bars-card.tsx';
import { FindingsCard } from './panels/findings-card.tsx';
import { StatCard } from './panels/stat-card.tsx';
import { StepsCard } from './panels/steps-card.tsx';
import { TableCard } from './panels/table-card.tsx';
import { TimeSeriesCard } from './panels/time-series-card.tsx';

export interface PanelViewProps {
  readonly panel: Exclude<Panel, AnswerPanel>;
  readonly view: ViewDescription;
  readonly range: TimeRange;
  readonly windowMs: number;
  readonly wide: boolean;
  readonly topic: string;
}

/** Draws a panel by its type; anew only when its rows, its range or its description changed. */
export const PanelView = memo(function PanelView({ panel, ...rest }: PanelViewProps) {
  switch (panel.type) {
    case 'timeSeries':
      return <TimeSeriesCard panel={panel} {...rest} />;
    case 'bars':
      return <BarsCard panel={panel} {...rest} />;
    case 'steps':
      return <StepsCard panel={panel} {...rest} />;
    case 'stat':
      return <StatCard panel={panel} {...rest} />;
    case 'findings':
      return <FindingsCard panel={panel} {...rest} />;
    case 'table':
      return <TableCard panel={panel} {...rest} />;
  }
});
