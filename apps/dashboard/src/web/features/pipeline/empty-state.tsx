import { useQuery } from '@tanstack/react-query';
import { Notice } from '../../components/controls/notice.tsx';
import { api } from '../../lib/api.ts';

/** In the place of charts while no window has data: what is missing, and what to start. */
export function EmptyState({ pipeline }: { readonly pipeline: string }) {
  const { data: health } = useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => api.health(signal),
    refetchInterval: 3_000,
  });
  const missing = health?.checks.filter(({ ok }) => !ok) ?? [];
  if (missing.length > 0) {
    return (
      <Notice
        title="Waiting for what this page stands on"
        detail="npm start starts everything, npx nx serve embedded a Kafka broker and a registry."
      >
        <ul>
          {missing.map(({ name, detail }) => (
            <li key={name}>
              <b>{name}</b>: {detail}
            </li>
          ))}
        </ul>
      </Notice>
    );
  }
  return (
    <Notice
      title={`No window of ${pipeline} has data in this range`}
      detail="Start its source and its processor: npx nx serve producer, npx nx serve processor — or npm start for all of it. Or choose a longer range."
    />
  );
}
