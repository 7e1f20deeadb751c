/** What following one schema by another means for those who write and those who read. */
import {
  canonicalForm,
  checkCompatibility,
  type CompatibilityMode,
  type Incompatibility,
  type Schema,
} from '@millrace/avro';

export interface Verdict {
  /** Nothing that bytes or names depend on has changed. */
  readonly same: boolean;
  /** The newer schema reads what the older one wrote. */
  readonly backward: boolean;
  /** The older schema reads what the newer one writes. */
  readonly forward: boolean;
  readonly reasons: readonly Incompatibility[];
}

export function verdictOf(older: Schema, newer: Schema): Verdict {
  const of = (mode: CompatibilityMode) => checkCompatibility({ candidate: newer, previous: [older], mode });
  const [backward, forward] = [of('BACKWARD'), of('FORWARD')];
  return {
    same: canonicalForm(older) === canonicalForm(newer),
    backward: backward.compatible,
    forward: forward.compatible,
    reasons: [...backward.incompatibilities, ...forward.incompatibilities],
  };
}

/** In words, who must be upgraded first. */
export function upgradeOrder({ same, backward, forward }: Verdict): string {
  if (same) return 'unchanged in what is written';
  if (backward && forward) return 'compatible both ways: upgrade consumers and producers in any order';
  if (backward) return 'backward compatible only: upgrade every consumer first, then the producers';
  if (forward) return 'forward compatible only: upgrade every producer first, then the consumers';
  return 'incompatible both ways: neither side can be upgraded first; use a new topic, or go by way of a version that both can read';
}

/** Whether a mode allows the change. */
export function allows(mode: CompatibilityMode, { backward, forward }: Verdict): boolean {
  if (mode === 'NONE') return true;
  if (mode.startsWith('FULL')) return backward && forward;
  return mode.startsWith('BACKWARD') ? backward : forward;
}

/** The reasons that the mode cares about. */
export function objections(mode: CompatibilityMode, { reasons }: Verdict): readonly Incompatibility[] {
  if (mode === 'NONE') return [];
  if (mode.startsWith('FULL')) return reasons;
  const direction = mode.startsWith('BACKWARD') ? 'backward' : 'forward';
  return reasons.filter((reason) => reason.direction === direction);
}
