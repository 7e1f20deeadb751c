import { expect } from '@jest/globals';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly type: string | null;
}

/** A registry under test: requests, and names that no other run uses. */
export class RegistryApi {
  readonly url: string;
  readonly #run = `t${Date.now().toString(36)}${Math.random().toString(36).slice(2, 6)}`;
  #count = 0;

  constructor(url: string) {
    this.url = url.replace(/\/$/, '');
  }

  name(prefix = 'subject'): string {
    return `${prefix}-${this.#run}-${this.#count++}`;
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/vnd.schemaregistry.v1+json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: jsonOrText(text), type: response.headers.get('content-type') };
  }

  /** The body of an answer that must be 200. */
  async ok<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.call(method, path, body);
    expect([`${method} ${path}`, answer.status, answer.body]).toEqual([
      `${method} ${path}`,
      200,
      answer.body,
    ]);
    return answer.body as T;
  }

  /** An answer that must be an error with this code, the status being its beginning. Returns its message. */
  async refused(errorCode: number, method: string, path: string, body?: unknown): Promise<string> {
    const { status, body: got } = await this.call(method, path, body);
    const { error_code: code, message } = (got ?? {}) as { error_code?: number; message?: string };
    const wanted = errorCode < 1_000 ? errorCode : Math.floor(errorCode / 100);
    expect([`${method} ${path}`, status, code]).toEqual([`${method} ${path}`, wanted, errorCode]);
    return String(message);
  }

  async register(subject: string, schema: unknown, more: object = {}, query = ''): Promise<number> {
    const body = { schema: textOf(schema), ...more };
    return (await this.ok<{ id: number }>('POST', `${versionsPath(subject)}${query}`, body)).id;
  }
}

export function versionsPath(subject: string): string {
  return `/subjects/${encodeURIComponent(subject)}/versions`;
}

export function textOf(schema: unknown): string {
  return typeof schema === 'string' ? schema : JSON.stringify(schema);
}

/** A record with int fields of these names; `name=` gives one a default of 0. */
export function record(name: string, ...fields: string[]): object {
  return {
    type: 'record',
    name,
    fields: fields.map((field) =>
      field.endsWith('=')
        ? { name: field.slice(0, -1), type: 'int', default: 0 }
        : { name: field, type: 'int' },
    ),
  };
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
