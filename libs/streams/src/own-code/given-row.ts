import type { Row } from '../definition/compile-expression.ts';

/**
 * Makes what own code is given of a row: the fields that it reads. A copy, since the reader's row is used again for the next record,
 * and others read it too.
 */
export function givenRow(reads: readonly string[] | undefined): (row: Row) => Row {
  if (reads === undefined) return (row) => ({ ...row });
  return (row) => {
    const given: Row = {};
    for (const name of reads) given[name] = row[name];
    return given;
  };
}
