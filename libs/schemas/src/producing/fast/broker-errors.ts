import { protocolErrors, protocolErrorsCodesById } from '@platformatic/kafka';

/** What a partition's answer means for its batch. */
export type Verdict = 'written' | 'retry' | 'refused' | 'lost';

const DUPLICATE_SEQUENCE_NUMBER = 46;
/** After these the broker and we do not agree on what was written: going on could lose, repeat or reorder records. */
const IDENTITY_LOST = [45, 47, 59, 90];

export function verdictOf(errorCode: number): Verdict {
  if (errorCode === 0 || errorCode === DUPLICATE_SEQUENCE_NUMBER) return 'written';
  if (IDENTITY_LOST.includes(errorCode)) return 'lost';
  return describe(errorCode)?.canRetry === true ? 'retry' : 'refused';
}

export function errorText(errorCode: number): string {
  const known = describe(errorCode);
  return known === undefined ? `error ${errorCode}` : `${known.id}: ${known.message}`;
}

function describe(errorCode: number): { id: string; message: string; canRetry: boolean } | undefined {
  const names: Readonly<Record<number, string>> = protocolErrorsCodesById;
  return protocolErrors[names[errorCode] ?? ''];
}
