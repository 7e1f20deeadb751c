export const hatchId = (owner: string, index: number): string =>
  `hatch-${owner.replaceAll(/[^\w-]/g, '')}-${index}`;

/** The pattern of what is still filling: the series' colour, lighter and hatched. */
export function Hatch({ id, color }: { readonly id: string; readonly color: string }) {
  return (
    <pattern id={id} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect width="5" height="5" fill={color} opacity="0.14" />
      <rect width="1.6" height="5" fill={color} opacity="0.75" />
    </pattern>
  );
}
