import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { formatExact, type TopicDetail } from '@millrace/views';
import { Notice } from '../../components/controls/notice.tsx';
import { api } from '../../lib/api.ts';
import { LOOK_EVERY_MS } from './look-every.ts';
import { MessagesTable } from './messages-table.tsx';

/** Shown of all partitions together. */
const ALL = 'all';
const PAGE = 50;

/** A topic: its partitions, the settings that are its own, and its newest messages, or older ones of a partition. */
export function TopicPage({ name }: { readonly name: string }) {
  const [partition, setPartition] = useState<number | typeof ALL>(ALL);
  const [before, setBefore] = useState<number | undefined>(undefined);
  const topic = useQuery({
    queryKey: ['topic', name],
    queryFn: ({ signal }) => api.topic(name, signal),
    refetchInterval: LOOK_EVERY_MS,
  });
  const chosen = partition === ALL ? {} : { partition, ...(before === undefined ? {} : { before }) };
  const messages = useQuery({
    queryKey: ['messages', name, partition, before],
    queryFn: ({ signal }) => api.messages(name, { ...chosen, limit: PAGE }, signal),
    refetchInterval: before === undefined ? LOOK_EVERY_MS : false,
    placeholderData: (previous) => previous,
  });
  if (topic.data === undefined) {
    return topic.error === null ? (
      <div className="skeleton skeleton--page" aria-label="Loading" role="status" />
    ) : (
      <Notice title={`The topic “${name}” cannot be shown`} detail={topic.error.message} />
    );
  }
  const { partitions, configs } = topic.data;
  const oldest = messages.data?.at(-1)?.offset;
  const hasOlder = oldest !== undefined && oldest > (partitions[Number(partition)]?.firstOffset ?? Infinity);
  return (
    <>
      <h1 className="list__title">{name}</h1>
      <Partitions partitions={partitions} />
      {Object.keys(configs).length > 0 && (
        <p className="faint">
          {Object.entries(configs)
            .map(([key, value]) => `${key}=${value}`)
            .join('  ·  ')}
        </p>
      )}
      <section className="panel" aria-label="Messages">
        <div className="panel__head">
          <h2>{before === undefined ? 'Newest messages' : `Messages before offset ${before}`}</h2>
          <div className="list__controls">
            {before !== undefined && (
              <button type="button" className="quiet" onClick={() => setBefore(undefined)}>
                Newest
              </button>
            )}
            {partition !== ALL && (
              <button type="button" className="quiet" disabled={!hasOlder} onClick={() => setBefore(oldest)}>
                Older
              </button>
            )}
            <select
              className="filter"
              aria-label="Partition"
              value={partition}
              onChange={({ target }) => {
                setPartition(target.value === ALL ? ALL : Number(target.value));
                setBefore(undefined);
              }}
            >
              <option value={ALL}>All partitions</option>
              {partitions.map((one) => (
                <option key={one.partition} value={one.partition}>
                  Partition {one.partition}
                </option>
              ))}
            </select>
          </div>
        </div>
        {messages.error !== null && <p className="alarm">{messages.error.message}</p>}
        {messages.data === undefined ? (
          messages.error === null && <div className="skeleton" aria-label="Loading" role="status" />
        ) : (
          <MessagesTable messages={messages.data} />
        )}
      </section>
    </>
  );
}

function Partitions({ partitions }: Pick<TopicDetail, 'partitions'>) {
  return (
    <details className="made-of">
      <summary>
        {partitions.length} {partitions.length === 1 ? 'partition' : 'partitions'},{' '}
        {formatExact(
          partitions.reduce((sum, { firstOffset, endOffset }) => sum + endOffset - firstOffset, 0),
        )}{' '}
        records
      </summary>
      <table className="numbers numbers--narrow">
        <thead>
          <tr>
            {['Partition', 'Leader', 'First offset', 'End offset'].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {partitions.map(({ partition, leader, firstOffset, endOffset }) => (
            <tr key={partition}>
              <th scope="row">{partition}</th>
              <td>{leader < 0 ? 'none' : leader}</td>
              <td>{formatExact(firstOffset)}</td>
              <td>{formatExact(endOffset)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
