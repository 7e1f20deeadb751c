import { formatDuration, formatExact, type AnswerPanel, type ViewDescription } from '@millrace/views';
import { useNow } from '../../lib/use-now.ts';
import { useRows, useWatermark } from '../../lib/use-view.ts';
import { useSettings } from '../../lib/settings.ts';
import { clockTime } from '../../lib/zone.ts';
import { answerOf } from './answer-of.ts';

/** Behind by more than this many windows, the watermark stands still for a reason that a person should know. */
const LAGGING_WINDOWS = 6;

const OVER: Readonly<Record<number, string>> = {
  60_000: 'the last minute',
  3_600_000: 'the last hour',
  86_400_000: 'the last day',
};

/** The page's answer in words and one number, and how complete that number is. */
export function AnswerLine({
  panel,
  view,
  windowMs,
}: {
  readonly panel: AnswerPanel;
  readonly view: ViewDescription;
  readonly windowMs: number;
}) {
  const rows = useRows(view.name);
  const watermark = useWatermark(view.name);
  const nowMs = useNow(1_000);
  const { zone } = useSettings();
  const { parts, range, windows, simulated } = answerOf(panel, rows, {
    columns: view.columns,
    windowMs,
    nowMs,
  });
  const [first, ...others] = parts;
  const behindMs = watermark === null ? null : nowMs - watermark;
  const isLagging = behindMs !== null && behindMs > LAGGING_WINDOWS * windowMs;
  const over = OVER[panel.overMs] ?? `the last ${formatDuration(panel.overMs)}`;
  const states = Object.entries(windows).filter(([, count]) => count > 0);
  return (
    <div className="answer">
      <h1>
        <span className="answer__number">{first?.number}</span>{' '}
        <span className="answer__words">
          {first?.words} in {over}
          {others.map(({ number, words }) => (
            <span key={words}>
              , <b>{number}</b> {words}
            </span>
          ))}
          {behindMs === null ? (
            ', no watermark yet'
          ) : (
            <>
              , watermark{' '}
              <b className={isLagging ? 'alarm' : 'watermark-word'}>
                {formatDuration(Math.max(0, behindMs))}
              </b>{' '}
              behind
            </>
          )}
        </span>
      </h1>
      <p className="answer__note">
        <span>
          windows {clockTime(range.fromMs, zone)}–{clockTime(range.toMs, zone)}
          {states.length > 0 && ': '}
          {states.map(([state, count]) => `${count} ${state}`).join(', ')}
        </span>
        {simulated !== null && simulated.count > 0 && (
          <span className="chip chip--simulated" title="Made by the simulated source, not by real clients">
            {formatExact(simulated.count)} of {formatExact(simulated.of)} simulated
          </span>
        )}
      </p>
    </div>
  );
}
