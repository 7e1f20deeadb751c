import type {
  ConsumerGroup,
  Health,
  PipelineDescription,
  SchemaSubject,
  SetAside,
  SetAsideKind,
  TopicDetail,
  TopicMessage,
  TopicSummary,
  ViewRows,
} from '@millrace/views';

/** What the server answers instead of data. @see https://www.rfc-editor.org/rfc/rfc9457 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { headers: { accept: 'application/json' }, signal: signal ?? null });
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw new ApiError(0, 'The dashboard server does not answer. Start it: npx nx serve dashboard');
  }
  if (response.ok) return (await response.json()) as T;
  const problem = (await response.json().catch(() => ({}))) as { detail?: string };
  throw new ApiError(response.status, problem.detail ?? `${path} answered ${response.status}`);
}

export interface SetAsideEvent {
  readonly kind: SetAsideKind;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly preview: string;
}

export const api = {
  pipelines: (signal?: AbortSignal) => get<PipelineDescription[]>('/api/pipelines', signal),
  health: (signal?: AbortSignal) => get<Health>('/api/health', signal),
  rows: (view: string, fromMs: number, signal?: AbortSignal) =>
    get<ViewRows>(`/api/views/${encodeURIComponent(view)}/rows?from=${fromMs}&limit=10000`, signal),
  setAside: (pipeline: string, signal?: AbortSignal) =>
    get<{ counts: SetAside; newest: SetAsideEvent[] }>(
      `/api/pipelines/${encodeURIComponent(pipeline)}/set-aside`,
      signal,
    ),
  topics: (signal?: AbortSignal) => get<TopicSummary[]>('/api/cluster/topics', signal),
  topic: (name: string, signal?: AbortSignal) =>
    get<TopicDetail>(`/api/cluster/topics/${encodeURIComponent(name)}`, signal),
  messages: (
    topic: string,
    wanted: { readonly partition?: number; readonly before?: number; readonly limit: number },
    signal?: AbortSignal,
  ) => {
    const query = new URLSearchParams(Object.entries(wanted).map(([name, value]) => [name, String(value)]));
    const path = `/api/cluster/topics/${encodeURIComponent(topic)}/messages?${query.toString()}`;
    return get<TopicMessage[]>(path, signal);
  },
  groups: (signal?: AbortSignal) => get<ConsumerGroup[]>('/api/cluster/groups', signal),
  subjects: (signal?: AbortSignal) => get<string[]>('/api/cluster/subjects', signal),
  subject: (name: string, signal?: AbortSignal) =>
    get<SchemaSubject>(`/api/cluster/subjects/${encodeURIComponent(name)}`, signal),
};
