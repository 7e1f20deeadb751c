import { usePlotArea, useXAxisScale, useYAxisScale } from 'recharts';
import type { Bucket } from '../../features/pipeline/time-buckets.ts';
import { lineRuns } from './line-runs.ts';

const LABEL_HEIGHT = 14;
/** Characters of a label that are shown. */
const MAX_LABEL = 16;
/** The line before a label, and the width of a character at most, both at 12 px. */
const LABEL_LINE_WIDTH = 18;
const CHARACTER_WIDTH = 7;

/** The room that labels take at the right end of lines. */
export function labelsWidth(labels: readonly string[]): number {
  const longest = Math.max(0, ...labels.map(({ length }) => length));
  return LABEL_LINE_WIDTH + CHARACTER_WIDTH * Math.min(longest, MAX_LABEL);
}

/** One line per series, dashed where windows are still filling, named at its right end. */
export function WindowLines({
  buckets,
  series,
  hasLabels,
}: {
  readonly buckets: readonly Bucket[];
  readonly series: readonly { readonly name: string; readonly label: string; readonly color: string }[];
  readonly hasLabels: boolean;
}) {
  const plot = usePlotArea();
  const x = useXAxisScale();
  const y = useYAxisScale();
  if (plot === undefined || x === undefined || y === undefined) return null;
  const lines = series.map(({ name, label, color }) => ({
    name,
    label,
    color,
    runs: lineRuns(buckets, name).map(({ points, isFilling }) => ({
      isFilling,
      points: points.map(({ timeMs, value }) => [x(timeMs) ?? 0, y(value) ?? 0] as const),
    })),
  }));
  const labels = spread(
    lines.flatMap(({ name, label, color, runs }) => {
      const end = runs.at(-1)?.points.at(-1);
      return end === undefined ? [] : [{ name, label, color, y: end[1] }];
    }),
    plot.y,
    plot.y + plot.height,
  );
  const revised = buckets.filter(({ state }) => state === 'revised');
  return (
    <g className="lines">
      {lines.map(({ name, color, runs }) =>
        runs.map(({ points, isFilling }, index) =>
          points.length === 1 ? (
            <circle key={`${name}${index}`} cx={points[0]?.[0]} cy={points[0]?.[1]} r={1.6} fill={color} />
          ) : (
            <path
              key={`${name}${index}`}
              d={`M${points.map(([px, py]) => `${px.toFixed(1)} ${py.toFixed(1)}`).join('L')}`}
              stroke={color}
              strokeDasharray={isFilling ? '3 3' : undefined}
              opacity={isFilling ? 0.75 : undefined}
            />
          ),
        ),
      )}
      {revised.map(({ startMs, endMs }) => (
        <path
          key={startMs}
          className="revised-mark"
          d={`M${x((startMs + endMs) / 2) ?? 0} ${plot.y + plot.height - 4}l3.5 -3.5l-3.5 -3.5l-3.5 3.5z`}
        />
      ))}
      {hasLabels &&
        labels.map(({ name, label, color, y: labelY }) => (
          <g key={name} className="line-label">
            <path d={`M${plot.x + plot.width + 6} ${labelY}h8`} stroke={color} />
            <text x={plot.x + plot.width + 18} y={labelY + 4}>
              {label.length > MAX_LABEL ? `${label.slice(0, MAX_LABEL - 1)}…` : label}
              <title>{label}</title>
            </text>
          </g>
        ))}
    </g>
  );
}

/** Moves labels apart so that none covers another, as little as it takes. */
function spread<T extends { y: number }>(labels: readonly T[], top: number, bottom: number): T[] {
  const placed = [...labels].sort((a, b) => a.y - b.y).map((label) => ({ ...label }));
  for (let index = 1; index < placed.length; index++) {
    const [above, label] = [placed[index - 1], placed[index]];
    if (above && label) label.y = Math.max(label.y, above.y + LABEL_HEIGHT);
  }
  let limit = bottom;
  for (const label of placed.toReversed()) {
    label.y = Math.max(top, Math.min(label.y, limit));
    limit = label.y - LABEL_HEIGHT;
  }
  return placed;
}
