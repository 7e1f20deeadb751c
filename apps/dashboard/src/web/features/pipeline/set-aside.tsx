import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { formatExact, type SetAside, type SetAsideKind } from '@millrace/views';
import { api } from '../../lib/api.ts';
import { useSettings } from '../../lib/settings.ts';
import { dateAndTime } from '../../lib/zone.ts';

const MEANING: Readonly<Record<SetAsideKind, string>> = {
  late: 'came after their window had closed for good',
  rejected: 'have no key, or a time too far ahead of the clock',
  'dead-letter': 'could not be read',
};
const KINDS = Object.keys(MEANING) as SetAsideKind[];

/** Counts of the events that no window contains, and, on demand, the newest of them with their reason. */
export function SetAsideCounts({
  pipeline,
  counts,
}: {
  readonly pipeline: string;
  readonly counts: SetAside | undefined;
}) {
  const [isOpen, setIsOpen] = useState(false);
  const total = counts === undefined ? 0 : KINDS.reduce((sum, kind) => sum + counts[kind], 0);
  return (
    <div className="aside">
      <button
        type="button"
        className="aside__counts"
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
      >
        <span className="faint">set aside</span>
        {KINDS.map((kind) => (
          <span
            key={kind}
            className={`count ${kind === 'dead-letter' && (counts?.[kind] ?? 0) > 0 ? 'count--alarm' : ''}`}
            title={`Events that ${MEANING[kind]}`}
            data-kind={kind}
          >
            {kind} <b>{counts === undefined ? '–' : formatExact(counts[kind])}</b>
          </span>
        ))}
      </button>
      {isOpen && <SetAsideEvents pipeline={pipeline} total={total} />}
    </div>
  );
}

function SetAsideEvents({ pipeline, total }: { readonly pipeline: string; readonly total: number }) {
  const { zone } = useSettings();
  const { data, error } = useQuery({
    queryKey: ['set-aside', pipeline, total],
    queryFn: ({ signal }) => api.setAside(pipeline, signal),
    placeholderData: (previous) => previous,
  });
  if (error !== null) return <p className="aside__empty">{error.message}</p>;
  if (data !== undefined && data.newest.length === 0) {
    return <p className="aside__empty">No event was set aside: every one is in its windows.</p>;
  }
  return (
    <div className="table-scroll aside__events" tabIndex={0} role="region" aria-label="Events set aside">
      <table className="numbers">
        <thead>
          <tr>
            {['When', 'Kind', 'Reason', 'Topic, partition, offset', 'Bytes'].map((text) => (
              <th key={text} scope="col" className="text">
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data?.newest.map((event) => (
            <tr key={`${event.topic}/${event.partition}/${event.offset}`}>
              <th scope="row">{dateAndTime(event.timestampMs, zone)}</th>
              <td className="text">{event.kind}</td>
              <td className="text aside__reason">
                {event.headers['reason'] ?? event.headers['code'] ?? MEANING[event.kind]}
              </td>
              <td className="text">
                {event.topic}, {event.partition}, {event.offset}
              </td>
              <td className="text">
                <code className="aside__bytes" title={event.preview}>
                  {event.preview}
                </code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
