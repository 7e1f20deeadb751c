import type { RowState } from '@millrace/views';

const MEANING: Readonly<Record<RowState, string>> = {
  filling: 'The watermark has not passed this window: more events may come',
  final: 'The watermark has passed this window',
  revised: 'Late events within grace changed it after it was final',
};

/** How complete a number is, as a shape and a word. */
export function StateMark({ state, revision = 0 }: { readonly state: RowState; readonly revision?: number }) {
  return (
    <span className={`state state--${state}`} title={MEANING[state]}>
      {state}
      {state === 'revised' && revision > 0 ? ` ×${revision}` : ''}
    </span>
  );
}
