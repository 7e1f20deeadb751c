export { AvroError, AvroSchemaError, type AvroSchemaErrorCode } from './errors.ts';
export { canonicalForm } from './canonical-form.ts';
export {
  checkCompatibility,
  type CompatibilityCheck,
  type CompatibilityResult,
  type Incompatibility,
} from './compatibility/check-compatibility.ts';
export { INCOMPATIBILITY_RULES, type IncompatibilityRule } from './compatibility/comparison.ts';
export { COMPATIBILITY_MODES, type CompatibilityMode } from './compatibility/mode.ts';
export { DEFAULT_SCHEMA_LIMITS, type SchemaLimits } from './limits.ts';
export { fingerprint64 } from './fingerprint.ts';
export { namedTypes } from './named-types.ts';
export { parseSchema, type ParseOptions } from './parse-schema.ts';
export { printSchema, type PrintOptions } from './print-schema.ts';
export * from './schema.ts';
export {
  decoder,
  rowDecoder,
  type Decoder,
  type DecoderOptions,
  type RowDecoder,
  type RowDecoderOptions,
} from './codec/decoder.ts';
export { guard, type Guard } from './codec/guard.ts';
export { DEFAULT_PAYLOAD_LIMITS, type GuardLimits } from './codec/limits.ts';
export { newRow } from './codec/new-row.ts';
export { AvroPayloadError, type PayloadFault, type PayloadFaultCode } from './codec/payload-error.ts';
export { AvroResolutionError } from './codec/resolution.ts';
export { encoder, type Encoder, type EncoderOptions } from './codec/encoder.ts';
export type { ValueFaultReport, ValueRule } from './codec/value-faults.ts';
export { textCache, type TextCache } from './codec/text-cache.ts';
export { branchKey, isExact, isWrapped, shapeOf, type Shape } from './codec/representation.ts';
export type { Duration } from './codec/logical-values.ts';
