import { useQuery } from '@tanstack/react-query';
import { formatExact } from '@millrace/views';
import { Link } from '../../components/controls/link.tsx';
import { api } from '../../lib/api.ts';
import { LOOK_EVERY_MS } from './look-every.ts';
import { ListCard } from './list-card.tsx';

/** All topics with how many partitions and records they have. */
export function TopicsTable({ search }: { readonly search: string }) {
  const { data, error } = useQuery({
    queryKey: ['topics'],
    queryFn: ({ signal }) => api.topics(signal),
    refetchInterval: LOOK_EVERY_MS,
  });
  return (
    <ListCard
      title="Topics"
      entries={data}
      error={error}
      nameOf={({ name }) => name}
      columns={[
        { title: 'Topic' },
        { title: 'Partitions', isNumber: true },
        { title: 'Records', isNumber: true },
      ]}
      nothing="They appear when a producer or a pipeline starts."
      row={({ name, partitions, records }) => (
        <tr key={name}>
          <th scope="row">
            <Link to={`/kafka/topics/${encodeURIComponent(name)}${search}`}>{name}</Link>
          </th>
          <td>{partitions}</td>
          <td title="End offset less first offset, over all partitions; transaction markers are in it">
            {formatExact(records)}
          </td>
        </tr>
      )}
    />
  );
}
