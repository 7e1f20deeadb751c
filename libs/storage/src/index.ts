export type {
  Capabilities,
  Column,
  ColumnType,
  Health,
  ReadQuery,
  Row,
  StorageAdapter,
  Table,
} from './contract.ts';
export { StorageError } from './errors.ts';
export type { StorageErrorCode } from './errors.ts';
export { checkTable } from './table.ts';
export { openStorage } from './open-storage.ts';
export { openLake } from './lake/open-lake.ts';
export type { LakeOptions } from './lake/open-lake.ts';
export type { AppendOptions, Lake } from './lake/lake.ts';
export type { FileOptions, LakeFile } from './lake/lake-file.ts';
export type { DataFile } from './lake/manifest.ts';
export type { CompactOptions, Compacted } from './lake/compact.ts';
export { openLakeQuery } from './lake/query.ts';
export type { LakeQuery, QueryResult } from './lake/query.ts';
