// The page's address as state: read at start and on back/forward, written on every change.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { formatView, parseView, type Filters, type ViewState } from "./filters";

export interface View extends ViewState {
  /** Changes filters. `replace` for typing: one entry in the history per thought, not per letter. */
  setFilters: (change: Partial<Filters>, options?: { replace?: boolean }) => void;
  openEvent: (id: string | undefined, options?: { replace?: boolean }) => void;
}

export function useView(): View {
  const [view, setView] = useState<ViewState>(() => parseView(location.search));
  const latest = useRef(view);

  const show = useCallback((next: ViewState) => {
    latest.current = next;
    setView(next);
  }, []);

  const navigate = useCallback((next: ViewState, replace: boolean) => {
    const address = location.pathname + formatView(next);
    if (address !== location.pathname + location.search) {
      history[replace ? "replaceState" : "pushState"](null, "", address);
    }
    show(next);
  }, []);

  useEffect(() => {
    const restore = (): void => show(parseView(location.search));
    addEventListener("popstate", restore);
    return () => removeEventListener("popstate", restore);
  }, []);

  const setFilters = useCallback<View["setFilters"]>((change, options) => {
    const { filters, eventId } = latest.current;
    navigate({ filters: { ...filters, ...change }, eventId }, options?.replace === true);
  }, []);

  const openEvent = useCallback<View["openEvent"]>((eventId, options) => {
    navigate({ filters: latest.current.filters, eventId }, options?.replace === true);
  }, []);

  return { ...view, setFilters, openEvent };
}
