// Where the reader is: the page's address as state, written on every step, read again on back and forward.

import { useEffect, useState } from "preact/hooks";
import { ROOT } from "../api/root";
import { formatRoute, isSameRoute, parseRoute, type Route } from "./route";

export interface Place {
  route: Route;
  /** The query part of the address, with its `?`. */
  search: string;
}

const listeners = new Set<(place: Place) => void>();

/** The place that the address names now. */
export function currentPlace(): Place {
  const path = location.pathname.startsWith(ROOT.pathname)
    ? location.pathname.slice(ROOT.pathname.length)
    : location.pathname;
  return { route: parseRoute(path, location.search), search: location.search };
}

/** The address of a place, for links. */
export function addressOf(route: Route, search = ""): string {
  return new URL(formatRoute(route) + search, ROOT).href;
}

/** Goes to a place. `replace`: the same thought goes on, no new entry in the history. */
export function go(route: Route, search = "", { replace = false } = {}): void {
  const address = addressOf(route, search);
  if (address === location.href) return;
  const turns = !isSameRoute(route, currentPlace().route);
  history[replace ? "replaceState" : "pushState"](null, "", address);
  for (const listener of listeners) listener({ route, search });
  if (turns) scrollTo(0, 0);
}

export function usePlace(): Place {
  const [place, setPlace] = useState(currentPlace);
  useEffect(() => {
    const restore = (): void => setPlace(currentPlace());
    listeners.add(setPlace);
    addEventListener("popstate", restore);
    return () => {
      listeners.delete(setPlace);
      removeEventListener("popstate", restore);
    };
  }, []);
  return place;
}
