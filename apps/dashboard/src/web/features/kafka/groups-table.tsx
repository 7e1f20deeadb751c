import { useQuery } from '@tanstack/react-query';
import { formatExact } from '@millrace/views';
import { Link } from '../../components/controls/link.tsx';
import { api } from '../../lib/api.ts';
import { LOOK_EVERY_MS } from './look-every.ts';
import { ListCard } from './list-card.tsx';

/** All consumer groups with how far behind they are, and in which topics. */
export function GroupsTable({ search }: { readonly search: string }) {
  const { data, error } = useQuery({
    queryKey: ['groups'],
    queryFn: ({ signal }) => api.groups(signal),
    refetchInterval: LOOK_EVERY_MS,
  });
  return (
    <ListCard
      title="Consumer groups"
      entries={data}
      error={error}
      nameOf={({ name }) => name}
      columns={[
        { title: 'Group' },
        { title: 'State' },
        { title: 'Members', isNumber: true },
        { title: 'Lag', isNumber: true },
        { title: 'Behind in' },
      ]}
      nothing="They appear when a processor starts."
      row={({ name, state, members, lag, topics }) => (
        <tr key={name}>
          <th scope="row">{name}</th>
          <td className="text">{state}</td>
          <td>{members}</td>
          <td title="Offsets between what is committed and the end; transaction markers are in it">
            {formatExact(lag)}
          </td>
          <td className="text list__long">
            {topics
              .filter((topic) => topic.lag > 0)
              .map((topic) => (
                <span key={topic.topic} className="list__part">
                  <Link to={`/kafka/topics/${encodeURIComponent(topic.topic)}${search}`}>{topic.topic}</Link>{' '}
                  <span className="faint">{formatExact(topic.lag)}</span>
                </span>
              ))}
          </td>
        </tr>
      )}
    />
  );
}
