/** One HTTP call to the registry: time limit, a few attempts for what may pass, errors that say what to do. */
import { RegistryError } from '../errors.ts';

export interface RegistryConnection {
  /** Base URL, as in `http://127.0.0.1:8081`; a path such as Apicurio's `/apis/ccompat/v7` is kept. */
  readonly url: string;
  readonly auth?: { readonly username: string; readonly password: string } | { readonly token: string };
  /** Of one attempt; default 4 s. */
  readonly timeoutMs?: number;
  /** Attempts when the registry cannot be reached or answers 429 or 5xx; default 3, so under 15 s in all. */
  readonly attempts?: number;
  readonly fetch?: typeof fetch;
}

export interface RequestOptions {
  readonly body?: object;
  /** Statuses that mean “there is none”. */
  readonly absent?: readonly number[];
}

export type Request = <Answer>(
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  options?: RequestOptions,
) => Promise<Answer | undefined>;

/** An answer larger than this is no schema: a registry's own limit is far below. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const PAUSE_MS = 200;
const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';

export function requester(connection: RegistryConnection): Request {
  const base = connection.url.replace(/\/+$/, '');
  const { timeoutMs = 4_000, attempts = 3, fetch: send = fetch } = connection;
  const headers = { accept: `${CONTENT_TYPE}, application/json`, ...authorization(connection.auth) };

  return async <Answer>(method: string, path: string, { body, absent = [] }: RequestOptions = {}) => {
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await send(base + path, {
          method,
          headers: body === undefined ? headers : { ...headers, 'content-type': CONTENT_TYPE },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(timeoutMs),
        });
        const text = await boundedText(response);
        if (response.ok) return parse<Answer>(text, base);
        if (absent.includes(response.status) && isOwnError(text)) return undefined;
        throw refusal(response.status, text, base);
      } catch (error) {
        const failure = error instanceof RegistryError ? error : unreachable(base, error);
        if (!failure.retriable || attempt >= attempts) throw failure;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
      }
    }
  };
}

function authorization(auth: RegistryConnection['auth']): Record<string, string> {
  if (auth === undefined) return {};
  if ('token' in auth) return { authorization: `Bearer ${auth.token}` };
  const credentials = Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
  return { authorization: `Basic ${credentials}` };
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length;
    if (size > MAX_ANSWER_BYTES) {
      throw new RegistryError(
        'SCHEMAS_REGISTRY_ANSWER',
        `the registry's answer is larger than ${MAX_ANSWER_BYTES} bytes`,
      );
    }
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse<Answer>(text: string, base: string): Answer {
  try {
    return JSON.parse(text) as Answer;
  } catch (cause) {
    throw new RegistryError(
      'SCHEMAS_REGISTRY_ANSWER',
      `${base} did not answer in JSON; check the registry's URL`,
      { cause },
    );
  }
}

/** A registry names its error; a 404 of some other server, or of a wrong path, does not. */
function isOwnError(text: string): boolean {
  return errorBody(text).errorCode !== undefined;
}

function errorBody(text: string): { errorCode?: number; message?: string } {
  try {
    const body = JSON.parse(text) as { error_code?: number; message?: string } | null;
    return {
      ...(typeof body?.error_code === 'number' && { errorCode: body.error_code }),
      ...(typeof body?.message === 'string' && { message: body.message }),
    };
  } catch {
    return {};
  }
}

function refusal(status: number, text: string, base: string): RegistryError {
  const { errorCode, message = text.slice(0, 200) } = errorBody(text);
  const hint =
    status === 401 || status === 403
      ? ' (check the credentials)'
      : status === 404
        ? ' (check the registry’s URL)'
        : '';
  return new RegistryError(
    'SCHEMAS_REGISTRY_REFUSED',
    `the registry at ${base} answered ${status}: ${message}${hint}`,
    {
      status,
      retriable: status === 429 || status >= 500,
      ...(errorCode !== undefined && { errorCode }),
    },
  );
}

function unreachable(base: string, cause: unknown): RegistryError {
  return new RegistryError(
    'SCHEMAS_REGISTRY_UNREACHABLE',
    `the registry at ${base} cannot be reached (${reason(cause)}); check that it runs and its URL`,
    { cause, retriable: true },
  );
}

function reason(error: unknown): string {
  const { name, message, cause } = error as {
    name?: string;
    message?: string;
    cause?: { code?: string; message?: string };
  };
  if (cause !== undefined) return cause.code ?? cause.message ?? String(cause);
  return name === 'TimeoutError' ? 'no answer in time' : (message ?? String(error));
}
