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
