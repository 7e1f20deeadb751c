import { setTimeout as pause } from 'node:timers/promises';
import type { Faults } from '../faults.ts';
import type { AnyHandler, RequestContext } from '../handlers/handler.ts';
import { ByteReader } from '../protocol/byte-reader.ts';
import { ByteWriter } from '../protocol/byte-writer.ts';
import { decode, encode } from '../protocol/codec.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import { apiVersions } from '../protocol/messages/index.ts';
import { isFlexible, type Api, type Encodable, type Fields } from '../protocol/schema.ts';
import { StorageError } from '../../errors.ts';
import type { Answer } from './connection.ts';

export interface DispatchOptions {
  readonly handlers: ReadonlyMap<number, AnyHandler>;
  readonly faults: Faults;
  /** Told of errors that are the broker's own fault. */
  readonly onError: (error: unknown, where: string) => void;
}

interface Header {
  readonly apiKey: number;
  readonly version: number;
  readonly correlationId: number;
}

/** What a connection brings along for each of its requests. */
export type ConnectionContext = Omit<RequestContext, 'version' | 'clientId'>;

/** Reads a request, has it carried out and writes its answer. Whatever is no request ends the connection. */
export function dispatch(
  frame: Buffer,
  connection: ConnectionContext,
  options: DispatchOptions,
): Answer | Promise<Answer> {
  let prepared: ReturnType<typeof prepare>;
  try {
    prepared = prepare(frame, connection, options);
  } catch {
    return 'close';
  }
  if (prepared === undefined) return 'close';
  const { handler, header, request, context } = prepared;
  const fault = options.faults.take(handler.api.name);
  if (fault !== undefined) return faulty(fault, prepared, options);
  return run(() => handler.handle(request as never, context), { handler, header, request, options });
}

type Prepared = NonNullable<ReturnType<typeof prepare>>;

function prepare(frame: Buffer, connection: ConnectionContext, options: DispatchOptions) {
  const reader = new ByteReader(frame);
  const header: Header = { apiKey: reader.int16(), version: reader.int16(), correlationId: reader.int32() };
  const handler = options.handlers.get(header.apiKey);
  if (handler === undefined) return undefined;
  const { api } = handler;
  const clientId = reader.string(false) ?? '';
  const context: RequestContext = { ...connection, clientId, version: header.version };
  if (!connection.session.mayCall(api, connection.broker.clock.now())) return undefined;
  const known = header.version >= api.versions[0] && header.version <= api.versions[1];
  if (!known) {
    // KIP-511: a client may ask in a version that is too new, and is answered in the oldest.
    if (api.key !== apiVersions.key) return undefined;
    const request = { clientSoftwareName: '', clientSoftwareVersion: '' };
    const refused: AnyHandler = {
      ...handler,
      handle: () => handler.refuse(request as never, ErrorCode.unsupportedVersion),
    };
    return {
      handler: refused,
      header: { ...header, version: 0 },
      request,
      context: { ...context, version: 0 },
    };
  }
  const flexible = isFlexible(api, header.version);
  if (flexible) reader.skipTags();
  const request = decode(api.request, reader, { version: header.version, flexible });
  return { handler, header, request, context };
}

interface Run {
  readonly handler: AnyHandler;
  readonly header: Header;
  readonly request: unknown;
  readonly options: DispatchOptions;
}

type Result = object | undefined;

function run(work: () => Result | Promise<Result>, about: Run): Answer | Promise<Answer> {
  const { handler, header, options } = about;
  const failed = (error: unknown): Answer => {
    options.onError(error, handler.api.name);
    const storage = error instanceof StorageError;
    const errorCode = storage ? ErrorCode.kafkaStorageError : ErrorCode.unknownServerError;
    return respond(handler.api, header, handler.refuse(about.request as never, errorCode));
  };
  try {
    const result = work();
    if (!(result instanceof Promise))
      return result === undefined ? undefined : respond(handler.api, header, result);
    return result.then(
      (late) => (late === undefined ? undefined : respond(handler.api, header, late)),
      (error: unknown) => failed(error),
    );
  } catch (error) {
    return failed(error);
  }
}

async function faulty(
  fault: NonNullable<ReturnType<Faults['take']>>,
  prepared: Prepared,
  options: DispatchOptions,
): Promise<Answer> {
  const { handler, header, request, context } = prepared;
  if (fault.delayMs !== undefined) await pause(fault.delayMs);
  if (fault.drop === 'before') return 'close';
  const { errorCode } = fault;
  const work =
    errorCode === undefined
      ? () => handler.handle(request as never, context)
      : () => handler.refuse(request as never, errorCode);
  const answer = await run(work, { handler, header, request, options });
  return fault.drop === 'after' ? 'close' : answer;
}

function respond(api: Api, header: Header, response: object): readonly Buffer[] {
  const flexible = isFlexible(api, header.version);
  const writer = new ByteWriter();
  writer.int32(0);
  writer.int32(header.correlationId);
  // A client that does not know the broker's versions yet must be able to read the answer to ApiVersions.
  if (flexible && api.key !== apiVersions.key) writer.unsignedVarint(0);
  encode(api.response, response as Encodable<Fields>, { writer, version: header.version, flexible });
  const { byteLength } = writer;
  const pieces = writer.finish();
  pieces[0]!.writeInt32BE(byteLength - 4, 0);
  return pieces;
}
