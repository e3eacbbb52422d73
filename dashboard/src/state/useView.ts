// The overview's part of the page's address: filters and the event that is open.

import { useCallback, useMemo } from "preact/hooks";
import { formatView, parseView, type Filters, type ViewState } from "./filters";
import { go } from "./place";

export interface View extends ViewState {
  /** Changes filters. `replace` for typing: one entry in the history per thought, not per letter. */
  setFilters: (change: Partial<Filters>, options?: { replace?: boolean }) => void;
  openEvent: (id: string | undefined, options?: { replace?: boolean }) => void;
}

export function useView(search: string): View {
  const view = useMemo(() => parseView(search), [search]);

  const setFilters = useCallback<View["setFilters"]>((change, options) => {
    const { filters, eventId } = parseView(location.search);
    go({ view: "overview" }, formatView({ filters: { ...filters, ...change }, eventId }), options);
  }, []);

  const openEvent = useCallback<View["openEvent"]>((eventId, options) => {
    const { filters } = parseView(location.search);
    go({ view: "overview" }, formatView({ filters, eventId }), options);
  }, []);

  return { ...view, setFilters, openEvent };
}
