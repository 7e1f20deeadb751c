import { useCallback, useMemo, type ReactNode } from 'react';
import { CartesianGrid, ComposedChart, Line, XAxis, YAxis } from 'recharts';
import { formatNumber, type Unit } from '@millrace/views';
import { useSettings } from '../../lib/settings.ts';
import type { TimeRange } from '../../lib/time-range.ts';
import { useWidth } from '../../lib/use-width.ts';
import { CursorLine, CursorSurface } from './cursor-line.tsx';
import { niceTicks } from './nice-ticks.ts';
import { tickTexts, timeTicks } from './time-ticks.ts';
import { WatermarkLine } from './watermark-line.tsx';

/** Height of every chart over time, with its axis. */
export const CHART_HEIGHT = 208;
const Y_AXIS_WIDTH = 56;
/** Room that a time on the axis takes, with air. */
const TICK_WIDTH = 76;

export interface TimeChartProps {
  readonly label: string;
  readonly range: TimeRange;
  /** Length of a bar: what the cursor moves by. */
  readonly barMs: number;
  readonly maxValue: number;
  readonly unit: Unit | undefined;
  readonly watermark: number | null;
  /** Room for labels at the right end. */
  readonly labelWidth?: number;
  readonly children: ReactNode;
}

/** Axes, grid, watermark and cursor over event time; what is drawn on them are its children. */
export function TimeChart(props: TimeChartProps) {
  const { label, range, barMs, maxValue, unit, watermark, labelWidth = 0, children } = props;
  const { zone } = useSettings();
  const [ref, width] = useWidth<HTMLDivElement>();
  const yTicks = useStable(niceTicks(maxValue));
  const yDomain = useStable([0, yTicks.at(-1) ?? 1]);
  const xDomain = useStable([range.fromMs, range.toMs]);
  const yText = useCallback((value: number) => formatNumber(value, unit), [unit]);
  const plotWidth = width - Y_AXIS_WIDTH - labelWidth;
  const xTicks = useStable(timeTicks(range, Math.max(2, Math.floor(plotWidth / TICK_WIDTH)), zone));
  const xText = useMemo(() => {
    const texts = new Map(tickTexts(xTicks, zone).map((text, index) => [xTicks[index], text]));
    return (timeMs: number) => texts.get(timeMs) ?? '';
  }, [xTicks, zone]);
  const margin = useMemo(() => ({ top: 14, right: labelWidth + 4, bottom: 0, left: 0 }), [labelWidth]);
  return (
    <div ref={ref} className="chart" role="img" aria-label={label} style={{ height: CHART_HEIGHT }}>
      {width > 0 && (
        <ComposedChart
          width={width}
          height={CHART_HEIGHT}
          data={AXIS_ONLY}
          margin={margin}
          accessibilityLayer={false}
        >
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            type="number"
            dataKey="t"
            domain={xDomain}
            allowDataOverflow
            ticks={xTicks}
            interval={0}
            tickFormatter={xText}
            tick={TICK_STYLE}
            tickSize={4}
            stroke="var(--line-strong)"
            height={26}
          />
          <YAxis
            type="number"
            width={Y_AXIS_WIDTH}
            domain={yDomain}
            ticks={yTicks}
            interval={0}
            tickFormatter={yText}
            tick={TICK_STYLE}
            tickLine={false}
            axisLine={false}
          />
          <Line dataKey="v" stroke="none" dot={false} activeDot={false} isAnimationActive={false} />
          {children}
          <WatermarkLine watermark={watermark} range={range} />
          <CursorLine range={range} barMs={barMs} />
          <CursorSurface range={range} barMs={barMs} />
        </ComposedChart>
      )}
    </div>
  );
}

/** The axes have fixed domains; the layers draw their data themselves, by the axes' scales. */
const AXIS_ONLY = [{ t: 0, v: 0 }];
const TICK_STYLE = { fill: 'var(--ink-faint)', fontSize: 12 };

/** The same array for as long as it has the same numbers: recharts takes every new one for a change. */
function useStable(numbers: readonly number[]): number[] {
  const key = numbers.join();
  return useMemo(() => key.split(',').map(Number), [key]);
}
