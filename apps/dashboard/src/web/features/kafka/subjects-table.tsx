import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { ListCard } from './list-card.tsx';

/** The registry's subjects; the schema of each on demand. */
export function SubjectsTable() {
  const [open, setOpen] = useState<string | null>(null);
  const { data, error } = useQuery({ queryKey: ['subjects'], queryFn: ({ signal }) => api.subjects(signal) });
  return (
    <ListCard
      title="Schemas"
      entries={data}
      error={error}
      nameOf={(subject) => subject}
      columns={[{ title: 'Subject' }]}
      nothing="They appear when a producer agrees with the registry on what it sends."
      row={(subject) => (
        <tr key={subject}>
          <td className="text">
            <button
              type="button"
              className="link"
              aria-expanded={open === subject}
              onClick={() => setOpen(open === subject ? null : subject)}
            >
              {subject}
            </button>
            {open === subject && <Schema subject={subject} />}
          </td>
        </tr>
      )}
    />
  );
}

function Schema({ subject }: { readonly subject: string }) {
  const { data, error } = useQuery({
    queryKey: ['subject', subject],
    queryFn: ({ signal }) => api.subject(subject, signal),
  });
  if (error !== null) return <p className="alarm">{error.message}</p>;
  if (data === undefined) return <div className="skeleton" aria-label="Loading" role="status" />;
  const { version, id, compatibility, schema } = data;
  return (
    <>
      <p className="faint">
        version {version}, id {id}, compatibility {compatibility}
      </p>
      <pre className="json" tabIndex={0}>
        {JSON.stringify(JSON.parse(schema), null, 2)}
      </pre>
    </>
  );
}
