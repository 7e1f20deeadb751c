import type { Broker } from '../broker.ts';
import type { Session } from '../network/session.ts';
import type { Api, Decoded, Encodable, Fields } from '../protocol/schema.ts';

/** Who asks, and in which version. */
export interface RequestContext {
  readonly broker: Broker;
  readonly session: Session;
  readonly version: number;
  readonly clientId: string;
  readonly clientHost: string;
}

/** How one API is served. */
export interface Handler<Request extends Fields, Response extends Fields> {
  readonly api: Api<Request, Response>;
  /** Undefined when there is no answer. */
  handle(
    request: Decoded<Request>,
    context: RequestContext,
  ): Encodable<Response> | undefined | Promise<Encodable<Response> | undefined>;
  /** The answer that says of everything asked for that it failed so. */
  refuse(request: Decoded<Request>, errorCode: number): Encodable<Response>;
}

/** A handler whose message types are known to itself alone. */
export interface AnyHandler {
  readonly api: Api;
  handle(request: never, context: RequestContext): object | undefined | Promise<object | undefined>;
  refuse(request: never, errorCode: number): object;
}

/** Keeps the message types of a handler together for the type checks. */
export function handler<Request extends Fields, Response extends Fields>(
  api: Api<Request, Response>,
  parts: Omit<Handler<Request, Response>, 'api'>,
): Handler<Request, Response> {
  return { api, ...parts };
}
