import type { AnchorHTMLAttributes, MouseEvent } from 'react';
import { goTo } from '../../lib/settings.ts';

/** A link within the app; with a modifier key it opens as any other. */
export function Link({ to, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { readonly to: string }) {
  function follow(event: MouseEvent) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    goTo(to);
  }
  return <a href={to} onClick={follow} {...rest} />;
}
