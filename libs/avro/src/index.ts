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
export * from './schema.ts';
