import type { ColumnType, Table } from '../contract.ts';
import { quoted, quotedList, quotedTable } from '../sql.ts';
import { identityColumns, valueColumns } from '../table.ts';

/** Where Postgres and Redshift differ. */
export interface Dialect {
  readonly name: 'postgres' | 'redshift';
  readonly types: Readonly<Record<ColumnType, string>>;
  /** The same types as information_schema names them. */
  readonly catalogTypes: Readonly<Record<ColumnType, string>>;
  readonly maxTextBytes: number;
  /** Whether it takes COPY … FROM STDIN. */
  readonly copies: boolean;
  readonly stageSuffix: string;
  /** Sent on each new connection. */
  readonly session?: string;
  /** Keeps two processes from making one table at once. */
  lock(table: Table): string;
  create(table: Table): string[];
  /** Statements that bring staged rows into the table and empty the stage. */
  merge(table: Table, stage: string): string[];
  /** Statements that delete the rows of staged keys and empty the stage. */
  remove(table: Table, stage: string): string[];
  /** The newest row of each key, of those that `where` leaves. */
  newest(table: Table, where: string): string;
}

const identityOf = (table: Table): string[] => identityColumns(table).map((column) => column.name);

function columnDefinitions(table: Table, types: Dialect['types']): string {
  const identity = new Set(identityOf(table));
  return table.columns
    .map(({ name, type }) => `${quoted(name)} ${types[type]}${identity.has(name) ? ' NOT NULL' : ''}`)
    .join(', ');
}

function sameIdentity(table: Table, stage: string): string {
  return identityOf(table)
    .map((name) => `${quotedTable(table)}.${quoted(name)} = ${quoted(stage)}.${quoted(name)}`)
    .join(' AND ');
}

function deleteStaged(table: Table, stage: string): string {
  return `DELETE FROM ${quotedTable(table)} USING ${quoted(stage)} WHERE ${sameIdentity(table, stage)}`;
}

const postgres: Dialect = {
  name: 'postgres',
  types: {
    // By code points, whatever the database's own order is.
    string: 'text COLLATE "C"',
    long: 'bigint',
    double: 'double precision',
    boolean: 'boolean',
    timestamp: 'timestamptz(3)',
    json: 'jsonb',
  },
  catalogTypes: {
    string: 'text',
    long: 'bigint',
    double: 'double precision',
    boolean: 'boolean',
    timestamp: 'timestamp with time zone',
    json: 'jsonb',
  },
  maxTextBytes: 16 << 20,
  copies: true,
  stageSuffix: ' ON COMMIT DELETE ROWS',
  lock: (table) => `SELECT pg_advisory_xact_lock(hashtext('millrace ${table.name}'))`,
  create: (table) => {
    const name = quotedTable(table);
    const statements = [
      `CREATE TABLE ${name} (${columnDefinitions(table, postgres.types)}, PRIMARY KEY (${quotedList(identityOf(table))}))`,
    ];
    if (table.time !== undefined && table.key.length > 0) {
      statements.push(`CREATE INDEX ON ${name} (${quoted(table.time)})`);
    }
    return statements;
  },
  merge: (table, stage) => {
    const names = quotedList(table.columns.map((column) => column.name));
    const values = valueColumns(table).map(({ name }) => `${quoted(name)} = excluded.${quoted(name)}`);
    const identity = quotedList(identityOf(table));
    // Two writers that take their rows in the same order wait for each other and do not deadlock.
    return [
      `INSERT INTO ${quotedTable(table)} (${names}) SELECT ${names} FROM ${quoted(stage)} ORDER BY ${identity}
       ON CONFLICT (${identity}) DO ${values.length === 0 ? 'NOTHING' : `UPDATE SET ${values.join(', ')}`}`,
    ];
  },
  remove: (table, stage) => [deleteStaged(table, stage)],
  newest: (table, where) => {
    if (table.time === undefined) return `SELECT * FROM ${quotedTable(table)}${where}`;
    const keys = quotedList(table.key);
    const time = `${quoted(table.time)} DESC`;
    if (table.key.length === 0) return `SELECT * FROM ${quotedTable(table)}${where} ORDER BY ${time} LIMIT 1`;
    return `SELECT DISTINCT ON (${keys}) * FROM ${quotedTable(table)}${where} ORDER BY ${keys}, ${time}`;
  },
};

const redshift: Dialect = {
  name: 'redshift',
  types: {
    string: 'varchar(65535)',
    long: 'bigint',
    double: 'double precision',
    boolean: 'boolean',
    timestamp: 'timestamptz',
    json: 'varchar(65535)',
  },
  catalogTypes: {
    string: 'character varying',
    long: 'bigint',
    double: 'double precision',
    boolean: 'boolean',
    timestamp: 'timestamp with time zone',
    json: 'character varying',
  },
  // The longest value that it takes.
  maxTextBytes: 65_535,
  copies: false,
  stageSuffix: '',
  // Redshift folds even quoted names to lower case without it.
  session: 'SET enable_case_sensitive_identifier TO true',
  lock: () => 'SELECT 1',
  // Redshift does not enforce the key, which tells its planner and us what identifies a row.
  create: (table) => [
    `CREATE TABLE IF NOT EXISTS ${quotedTable(table)} (${columnDefinitions(table, redshift.types)}, PRIMARY KEY (${quotedList(identityOf(table))}))${
      table.time === undefined ? '' : ` COMPOUND SORTKEY (${quoted(table.time)})`
    }`,
  ],
  merge: (table, stage) => {
    const names = quotedList(table.columns.map((column) => column.name));
    return [
      deleteStaged(table, stage),
      `INSERT INTO ${quotedTable(table)} (${names}) SELECT ${names} FROM ${quoted(stage)}`,
      `DELETE FROM ${quoted(stage)}`,
    ];
  },
  remove: (table, stage) => [deleteStaged(table, stage), `DELETE FROM ${quoted(stage)}`],
  newest: (table, where) => {
    if (table.time === undefined) return `SELECT * FROM ${quotedTable(table)}${where}`;
    const over = table.key.length === 0 ? '' : `PARTITION BY ${quotedList(table.key)} `;
    return `SELECT * FROM (SELECT *, row_number() OVER (${over}ORDER BY ${quoted(table.time)} DESC) AS "_newest"
      FROM ${quotedTable(table)}${where}) AS numbered WHERE "_newest" = 1`;
  },
};

/** Both by name. */
export const dialects = { postgres, redshift };
