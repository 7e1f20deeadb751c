import { useId } from 'react';
import { usePlotArea, useXAxisScale, useYAxisScale } from 'recharts';
import type { Bucket } from '../../features/pipeline/time-buckets.ts';
import { Hatch, hatchId } from './hatch.tsx';

/** One bar per bucket from its start to its end, the series stacked: solid when final, hatched while filling. */
export function WindowBars({
  buckets,
  series,
}: {
  readonly buckets: readonly Bucket[];
  readonly series: readonly { readonly name: string; readonly color: string }[];
}) {
  const id = useId();
  const plot = usePlotArea();
  const x = useXAxisScale();
  const y = useYAxisScale();
  if (plot === undefined || x === undefined || y === undefined) return null;
  const base = y(0) ?? 0;
  return (
    <g>
      <defs>
        {series.map(({ color }, index) => (
          <Hatch key={index} id={hatchId(id, index)} color={color} />
        ))}
      </defs>
      {buckets.map(({ startMs, endMs, values, state }) => {
        const left = Math.max(x(startMs) ?? 0, plot.x);
        const full = (x(endMs) ?? 0) - left;
        const width = Math.max(0.5, full - (full > 4 ? 1 : 0.25));
        let stacked = 0;
        return (
          <g key={startMs} className={`bar bar--${state}`}>
            {series.map(({ name, color }, index) => {
              const value = values.get(name);
              if (value === undefined || value <= 0) return null;
              const bottom = y(stacked) ?? base;
              stacked += value;
              const top = y(stacked) ?? base;
              const isFilling = state === 'filling';
              return (
                <rect
                  key={name}
                  x={left}
                  y={top}
                  width={width}
                  height={Math.max(0.5, bottom - top)}
                  fill={isFilling ? `url(#${hatchId(id, index)})` : color}
                  stroke={isFilling ? color : undefined}
                  strokeOpacity={isFilling ? 0.55 : undefined}
                  strokeWidth={isFilling ? 1 : undefined}
                />
              );
            })}
            {state === 'revised' && (
              <path
                className="revised-mark"
                d={`M${left + width / 2} ${(y(stacked) ?? base) - 8}l3.5 3.5l-3.5 3.5l-3.5 -3.5z`}
              />
            )}
          </g>
        );
      })}
    </g>
  );
}
