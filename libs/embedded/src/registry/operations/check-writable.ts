import { unprocessable } from '../errors.ts';
import type { RegistryState } from '../state/registry-state.ts';

/** @throws RestError 42205 while the subject, or everything (null), is read-only */
export function checkWritable(state: RegistryState, subject: string | null): void {
  const mode = state.modeInScope(subject);
  if (mode !== 'READONLY' && mode !== 'READONLY_OVERRIDE') return;
  throw unprocessable.notPermitted(
    `${subject === null ? 'The registry' : `Subject ${subject}`} is in read-only mode`,
  );
}
