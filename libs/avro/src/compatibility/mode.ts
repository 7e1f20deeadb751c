export const COMPATIBILITY_MODES = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;

/**
 * Who must be able to read whose data. BACKWARD: the new schema reads the old data (upgrade consumers first);
 * FORWARD: the old schema reads the new data (upgrade producers first); FULL: both. Without `_TRANSITIVE` only
 * the latest previous schema counts.
 */
export type CompatibilityMode = (typeof COMPATIBILITY_MODES)[number];

export function checksBackward(mode: CompatibilityMode): boolean {
  return mode.startsWith('BACKWARD') || mode.startsWith('FULL');
}

export function checksForward(mode: CompatibilityMode): boolean {
  return mode.startsWith('FORWARD') || mode.startsWith('FULL');
}

export function isTransitive(mode: CompatibilityMode): boolean {
  return mode.endsWith('_TRANSITIVE');
}
