import type { PointerEvent } from 'react';
import { usePlotArea, useXAxisInverseScale, useXAxisScale } from 'recharts';
import { useCursor } from '../../lib/cursor.ts';
import type { TimeRange } from '../../lib/time-range.ts';

interface Props {
  readonly range: TimeRange;
  readonly barMs: number;
}

/** Marks the window under the page's cursor. */
export function CursorLine({ range, barMs }: Props) {
  const [, timeMs] = useCursor();
  const plot = usePlotArea();
  const scale = useXAxisScale();
  if (timeMs === null || plot === undefined || scale === undefined) return null;
  if (timeMs < range.fromMs || timeMs >= range.toMs) return null;
  const start = range.fromMs + Math.floor((timeMs - range.fromMs) / barMs) * barMs;
  const left = scale(start) ?? 0;
  const right = Math.min(scale(start + barMs) ?? left, plot.x + plot.width);
  const width = Math.max(1, right - left);
  return <rect className="cursor" x={left} y={plot.y} width={width} height={plot.height} />;
}

/** Takes the pointer over the plot and moves the page's cursor. */
export function CursorSurface({ range, barMs }: Props) {
  const [cursor] = useCursor();
  const plot = usePlotArea();
  const inverse = useXAxisInverseScale();
  if (plot === undefined || inverse === undefined) return null;
  function move(event: PointerEvent<SVGRectElement>) {
    const box = event.currentTarget.getBoundingClientRect();
    const x = (plot?.x ?? 0) + event.clientX - box.left;
    const timeMs = Number(inverse?.(x));
    if (!Number.isFinite(timeMs)) return;
    cursor.set(range.fromMs + Math.floor((timeMs - range.fromMs) / barMs) * barMs);
  }
  return (
    <rect
      className="cursor-surface"
      x={plot.x}
      y={plot.y}
      width={plot.width}
      height={plot.height}
      onPointerMove={move}
      onPointerDown={move}
      onPointerLeave={() => cursor.set(null)}
    />
  );
}
