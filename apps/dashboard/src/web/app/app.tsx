import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { isKafkaPath, KafkaPage } from '../features/kafka/kafka-page.tsx';
import { PipelinePage } from '../features/pipeline/pipeline-page.tsx';
import { api } from '../lib/api.ts';
import { goTo, readSettings, SettingsContext, useAddress } from '../lib/settings.ts';
import { Link } from '../components/controls/link.tsx';
import { Notice } from '../components/controls/notice.tsx';

/** Chooses the page by its address: `/pipelines/<name>`, `/` for the first pipeline, and `/kafka…`. */
export function App() {
  const { path, search } = useAddress();
  const settings = useMemo(() => readSettings(search), [search]);
  const { data: pipelines, failureReason } = useQuery({
    queryKey: ['pipelines'],
    queryFn: ({ signal }) => api.pipelines(signal),
    staleTime: Infinity,
    retry: true,
    retryDelay: 3_000,
  });
  const isKafka = isKafkaPath(path);
  const name = decodeURIComponent(/^\/pipelines\/([^/]+)\/?$/.exec(path)?.[1] ?? '');
  const pipeline = isKafka
    ? undefined
    : name === ''
      ? pipelines?.[0]
      : pipelines?.find((candidate) => candidate.name === name);

  return (
    <SettingsContext value={settings}>
      <header className="top">
        <Link className="brand" to="/">
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M3 13h3v8H3zM8 8h3v13H8zM13 11h3v10h-3z" />
            <path d="M18 4h3v17h-3z" opacity=".45" />
          </svg>
          Millrace
        </Link>
        <nav aria-label="Pages">
          {pipelines?.map((candidate) => (
            <Link
              key={candidate.name}
              to={`/pipelines/${encodeURIComponent(candidate.name)}${search}`}
              aria-current={candidate === pipeline ? 'page' : undefined}
            >
              {candidate.name}
            </Link>
          ))}
          <Link className="top__kafka" to={`/kafka${search}`} aria-current={isKafka ? 'page' : undefined}>
            Kafka
          </Link>
        </nav>
      </header>
      {isKafka ? (
        <KafkaPage path={path} search={search} />
      ) : pipeline !== undefined ? (
        <PipelinePage
          key={pipeline.name}
          pipeline={pipeline}
          onSettings={(changed) => goTo(`${path}${changed}`, { replace: true })}
        />
      ) : (
        <main className="page">
          {pipelines === undefined && failureReason !== null ? (
            <Notice title="The dashboard server does not answer" detail={failureReason.message} />
          ) : pipelines === undefined ? (
            <div className="skeleton skeleton--page" aria-label="Loading" role="status" />
          ) : pipelines.length === 0 ? (
            <Notice
              title="No pipeline is defined"
              detail="Add one to libs/pipelines and start the server again."
            />
          ) : (
            <Notice title={`There is no pipeline “${name}”`} detail="Choose one of those above." />
          )}
        </main>
      )}
    </SettingsContext>
  );
}
