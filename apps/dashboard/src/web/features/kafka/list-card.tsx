import { useState, type ReactNode } from 'react';
import { Notice } from '../../components/controls/notice.tsx';

export interface ListCardProps<T> {
  readonly title: string;
  /** Undefined while loading. */
  readonly entries: readonly T[] | undefined;
  readonly error: Error | null;
  readonly nameOf: (entry: T) => string;
  /** A heading per column; those with `isNumber` stand on the right. */
  readonly columns: readonly { readonly title: string; readonly isNumber?: boolean }[];
  /** The rows of an entry. */
  readonly row: (entry: T) => ReactNode;
  /** Said when there is none at all. */
  readonly nothing: string;
}

/** A list with a heading, a filter by name, and what to say instead of it. */
export function ListCard<T>({ title, entries, error, nameOf, columns, row, nothing }: ListCardProps<T>) {
  const [filter, setFilter] = useState('');
  if (error !== null && entries === undefined) {
    return <Notice title={`${title} cannot be read`} detail={error.message} />;
  }
  if (entries === undefined) return <div className="skeleton" aria-label="Loading" role="status" />;
  if (entries.length === 0) return <Notice title={`No ${title.toLowerCase()}`} detail={nothing} />;
  const wanted = filter.trim().toLowerCase();
  const shown = entries.filter((entry) => nameOf(entry).toLowerCase().includes(wanted));
  return (
    <section className="panel" aria-label={title}>
      <div className="panel__head">
        <h1 className="list__title">
          {title} <span className="faint">{countText(shown.length, entries.length)}</span>
        </h1>
        <input
          className="filter"
          type="search"
          placeholder="Filter by name"
          aria-label={`Filter ${title.toLowerCase()} by name`}
          value={filter}
          onChange={({ target }) => setFilter(target.value)}
        />
      </div>
      {error !== null && <p className="alarm">{error.message}</p>}
      <div className="list" tabIndex={0} role="region" aria-label={`${title}, table`}>
        <table className="numbers">
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.title} scope="col" className={column.isNumber === true ? undefined : 'text'}>
                  {column.title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{shown.map(row)}</tbody>
        </table>
        {shown.length === 0 && <p className="nothing">No name contains “{filter.trim()}”.</p>}
      </div>
    </section>
  );
}

const countText = (shown: number, all: number): string =>
  shown === all ? String(all) : `${shown} of ${all}`;
