import type { ReactNode } from 'react';

interface Row {
  readonly key: string;
  readonly cells: readonly ReactNode[];
}

/** A table that scrolls in the place of a chart: the first column names the row, text cells are numbers, others marks. */
export function NumbersTable({
  caption,
  head,
  rows,
}: {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly Row[];
}) {
  const isMark = (index: number) => rows[0] !== undefined && typeof rows[0].cells[index] !== 'string';
  const alignment = (index: number) => (isMark(index) ? 'text' : undefined);
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label={`Table: ${caption}`}>
      <table className="numbers">
        <thead>
          <tr>
            {head.map((text, index) => (
              <th key={index} scope="col" className={alignment(index)}>
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells: [name, ...cells] }) => (
            <tr key={key}>
              <th scope="row">{name}</th>
              {cells.map((cell, index) => (
                <td key={index} className={alignment(index + 1)}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
