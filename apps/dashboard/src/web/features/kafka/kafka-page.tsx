import { Link } from '../../components/controls/link.tsx';
import { GroupsTable } from './groups-table.tsx';
import { SubjectsTable } from './subjects-table.tsx';
import { TopicPage } from './topic-page.tsx';
import { TopicsTable } from './topics-table.tsx';

const PARTS = [
  { path: '/kafka', label: 'Topics' },
  { path: '/kafka/groups', label: 'Consumer groups' },
  { path: '/kafka/subjects', label: 'Schemas' },
] as const;

export const isKafkaPath = (path: string): boolean => path === '/kafka' || path.startsWith('/kafka/');

/** What the brokers and the registry hold: `/kafka`, `/kafka/topics/<name>`, `/kafka/groups`, `/kafka/subjects`. */
export function KafkaPage({ path, search }: { readonly path: string; readonly search: string }) {
  const topic = /^\/kafka\/topics\/([^/]+)\/?$/.exec(path)?.[1];
  const shown = PARTS.find((part) => part.path === path.replace(/\/$/, '')) ?? PARTS[0];
  return (
    <main className="page">
      <title>{`${topic === undefined ? shown.label : decodeURIComponent(topic)} · Millrace`}</title>
      <nav className="choice choice--links" aria-label="Kafka">
        {PARTS.map((part) => (
          <Link
            key={part.path}
            to={part.path + search}
            aria-current={part !== shown ? undefined : topic === undefined ? 'page' : 'true'}
          >
            {part.label}
          </Link>
        ))}
      </nav>
      {topic !== undefined ? (
        <TopicPage key={topic} name={decodeURIComponent(topic)} />
      ) : shown.path === '/kafka' ? (
        <TopicsTable search={search} />
      ) : shown.path === '/kafka/groups' ? (
        <GroupsTable search={search} />
      ) : (
        <SubjectsTable />
      )}
    </main>
  );
}
