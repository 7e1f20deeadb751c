import { usePlotArea, useXAxisScale } from 'recharts';
import type { TimeRange } from '../../lib/time-range.ts';

/** The watermark on the time axis: left of it numbers are complete, right of it windows are still filling. */
export function WatermarkLine({
  watermark,
  range,
}: {
  readonly watermark: number | null;
  readonly range: TimeRange;
}) {
  const plot = usePlotArea();
  const scale = useXAxisScale();
  if (watermark === null || plot === undefined || scale === undefined) return null;
  if (watermark < range.fromMs || watermark > range.toMs) return null;
  const x = scale(watermark) ?? 0;
  const bottom = plot.y + plot.height;
  return (
    <g className="watermark">
      <line x1={x} x2={x} y1={plot.y - 4} y2={bottom + 5} />
      <path d={`M${x - 4} ${plot.y - 8}h8l-4 6z`} />
      <text x={x - 8} y={plot.y - 3} textAnchor="end">
        watermark
      </text>
    </g>
  );
}
