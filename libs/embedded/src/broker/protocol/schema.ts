/**
 * Messages of the Kafka protocol as plain data: what fields there are, of which type, in which versions.
 * One codec (`codec.ts`) reads and writes all of them.
 */

/** What a decoded field of each type is; a `?` marks types that may be null. */
export interface DecodedTypes {
  bool: boolean;
  int8: number;
  int16: number;
  int32: number;
  int64: number;
  uuid: string;
  string: string;
  'string?': string | null;
  bytes: Buffer;
  'bytes?': Buffer | null;
  'records?': Buffer | null;
}

/** What may be given for a field to encode; record bytes may come in several pieces, which are not copied. */
export interface EncodedTypes extends Omit<DecodedTypes, 'records?'> {
  'records?': Buffer | readonly Buffer[] | null;
}

export type ScalarName = keyof DecodedTypes;

/** The versions in which a field exists (both inclusive), and its value in the others. */
interface Place {
  readonly from?: number;
  readonly to?: number;
  readonly default?: unknown;
}

export interface Scalar<N extends ScalarName = ScalarName, Optional extends boolean = boolean> extends Place {
  readonly kind: 'scalar';
  readonly type: N;
  readonly optional?: Optional;
}

export interface List<
  E extends ScalarName | Fields = ScalarName | Fields,
  Optional extends boolean = boolean,
  Null extends boolean = boolean,
> extends Place {
  readonly kind: 'list';
  readonly element: E;
  readonly nullable: Null;
  readonly optional?: Optional;
}

export interface Fields {
  readonly [name: string]: Scalar | List<ScalarName, boolean, boolean> | List<Fields, boolean, boolean>;
}

type Element<E, Types extends DecodedTypes | EncodedTypes, Decoding extends boolean> = E extends ScalarName
  ? Types[E]
  : E extends Fields
    ? Decoding extends true
      ? Decoded<E>
      : Encodable<E>
    : never;

type Value<F, Types extends DecodedTypes | EncodedTypes, Decoding extends boolean> =
  F extends Scalar<infer N, boolean>
    ? Types[N]
    : F extends List<infer E, boolean, infer Null>
      ? | (Decoding extends true ? Element<E, Types, true>[] : readonly Element<E, Types, false>[])
        | (Null extends true ? null : never)
      : never;

/** A decoded message: every field is there, those that the version lacks with their defaults. */
export type Decoded<S extends Fields> = { [K in keyof S]: Value<S[K], DecodedTypes, true> };

type OptionalKeys<S extends Fields> = {
  [K in keyof S]: S[K] extends { readonly optional?: infer O } ? (true extends O ? K : never) : never;
}[keyof S];

/** A message to encode: fields that have a default may be left out. */
export type Encodable<S extends Fields> = {
  readonly [K in Exclude<keyof S, OptionalKeys<S>>]: Value<S[K], EncodedTypes, false>;
} & { readonly [K in OptionalKeys<S>]?: Value<S[K], EncodedTypes, false> };

/** The id that stands for "no topic id". */
export const NO_UUID = '00000000000000000000000000000000';

type HasDefault<P> = P extends { readonly default: unknown } ? true : false;

/** A field of a scalar type. */
export function f<N extends ScalarName, const P extends Place = object>(
  type: N,
  place?: P,
): Scalar<N, HasDefault<P>> {
  return { kind: 'scalar', type, ...place };
}

/** A field that holds a list of scalars or of structures. */
export function list<E extends ScalarName | Fields, const P extends Place = object>(
  element: E,
  place?: P,
): List<E, HasDefault<P>, false> {
  return { kind: 'list', element, nullable: false, ...place };
}

/** A list that may be null, which usually means "all". */
export function listOrNull<E extends ScalarName | Fields, const P extends Place = object>(
  element: E,
  place?: P,
): List<E, HasDefault<P>, true> {
  return { kind: 'list', element, nullable: true, ...place };
}

/** One request and its response, with the versions the broker speaks (both inclusive). */
export interface Api<Request extends Fields = Fields, Response extends Fields = Fields> {
  readonly key: number;
  readonly name: string;
  readonly versions: readonly [oldest: number, newest: number];
  /** The first version in the compact form with tagged fields (KIP-482); absent if there is none. */
  readonly flexibleFrom?: number;
  readonly request: Request;
  readonly response: Response;
}

/** Keeps the field types of a message description for the handlers' type checks. */
export function api<Request extends Fields, Response extends Fields>(
  description: Api<Request, Response>,
): Api<Request, Response> {
  return description;
}

/** Whether a version of an API is in the compact form. */
export function isFlexible(description: Api, version: number): boolean {
  return description.flexibleFrom !== undefined && version >= description.flexibleFrom;
}
