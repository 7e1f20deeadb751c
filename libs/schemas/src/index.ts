export { checkSchemas, type CheckOptions, type Finding } from './check/check-schemas.ts';
export { upgradeOrder, verdictOf, type Verdict } from './check/verdict.ts';
export {
  ContractError,
  RegistryError,
  SchemasError,
  type ContractFault,
  type SchemasErrorCode,
} from './errors.ts';
export { frameId, FRAME_BYTES, putFrame } from './framing.ts';
export { generate, generatedFiles, type GenerateOptions } from './generate/generate.ts';
export { createWriter, type ValueWriter, type WriterOptions } from './producing/create-writer.ts';
export {
  withRegistry,
  type ContractMessage,
  type ContractProducer,
  type ContractRecord,
  type WithRegistryOptions,
} from './producing/with-registry.ts';
export { createDecoder, type DecoderOptions, type FramedDecoder } from './reading/create-decoder.ts';
export {
  createReader,
  type ReaderFault,
  type ReaderOptions,
  type ValueReader,
} from './reading/create-reader.ts';
export { agree, type Agreement } from './registry/agree.ts';
export { connectRegistry } from './registry/connect-registry.ts';
export type { RegistryConnection } from './registry/request.ts';
export type { RegisteredSchema, Registry, SchemaById } from './registry/registry.ts';
export { subjectName, type SubjectNaming } from './registry/subject-name.ts';
export { registrySerdes, type RegistrySerdesSettings } from './registry-serdes.ts';
export { createSerdes, type Serdes, type SerdesOptions } from './serdes.ts';
export {
  eventTimeField,
  piiFields,
  schemaText,
  toSchema,
  type SchemaField,
  type SchemaInput,
  type SchemaObject,
  type SchemaType,
  type TypedSchema,
} from './typed-schema.ts';
export { createProducer } from './producing/create-producer.ts';
export type { EventProducer, OutgoingRecord, ProducerOptions } from './producing/event-producer.ts';
export type { Delivery } from './producing/fast/partition-queue.ts';
export * from './generated/clickstream.ts';
export * from './generated/user-activity.ts';
export * from './generated/user-ingestion.ts';
export * from './generated/weather-energy.ts';
export * from './generated/web-logs.ts';
