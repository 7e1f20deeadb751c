import type { ReactNode } from 'react';

/** Says in the place of data what happened, and what to do. */
export function Notice({
  title,
  detail,
  children,
}: {
  readonly title: string;
  readonly detail: string;
  readonly children?: ReactNode;
}) {
  return (
    <div className="notice" role="status">
      <p className="notice__title">{title}</p>
      <p>{detail}</p>
      {children}
    </div>
  );
}
