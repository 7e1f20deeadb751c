import { Hatch } from './hatch.tsx';

const HATCH = 'hatch-part';

/** A lying bar as long as `value` is of `greatest`; the part of it that is still filling is hatched. */
export function PartBar({
  value,
  filling,
  greatest,
}: {
  readonly value: number;
  readonly filling: number;
  readonly greatest: number;
}) {
  const share = (part: number) => (greatest > 0 ? (part / greatest) * 100 : 0);
  return (
    <svg className="ranking__bar" aria-hidden="true" preserveAspectRatio="none">
      <defs>
        <Hatch id={HATCH} color="var(--accent)" />
      </defs>
      <rect width={`${share(value - filling)}%`} height="100%" fill="var(--accent)" />
      <rect
        x={`${share(value - filling)}%`}
        width={`${share(filling)}%`}
        height="100%"
        fill={`url(#${HATCH})`}
      />
    </svg>
  );
}
