// A link within the site: a real address for who copies it, a step without loading for who presses it.

import type { ComponentChildren } from "preact";
import { addressOf, go } from "../state/place";
import type { Route } from "../state/route";

interface Props {
  to: Route;
  search?: string;
  class?: string;
  title?: string;
  current?: boolean;
  children: ComponentChildren;
}

export function Link({ to, search = "", current = false, children, ...rest }: Props) {
  return (
    <a
      {...rest}
      href={addressOf(to, search)}
      aria-current={current ? "page" : undefined}
      onClick={(event) => followed(event, to, search)}
    >
      {children}
    </a>
  );
}

/** Goes there in place of the browser, unless the press asks for another tab or window. */
export function followed(event: MouseEvent, to: Route, search = ""): void {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
    return;
  event.preventDefault();
  go(to, search);
}
