// Rows that are chosen to do something with them.

import { useCallback, useRef, useState } from "preact/hooks";

export interface Selection {
  ids: ReadonlySet<string>;
  /** Adds or removes one; with `range`, everything from the one touched before. */
  toggle: (id: string, range?: boolean) => void;
  setAll: (ids: readonly string[]) => void;
}

export function useSelection(shown: readonly string[]): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const last = useRef<string | undefined>(undefined);
  const rows = useRef(shown);
  rows.current = shown;

  const toggle = useCallback((id: string, range = false) => {
    const from = range ? last.current : undefined;
    last.current = id;
    setIds((chosen) => toggledRange(rows.current, chosen, from, id));
  }, []);
  const setAll = useCallback((all: readonly string[]) => setIds(new Set(all)), []);

  return { ids, toggle, setAll };
}

/** Toggles `to`; everything between it and `from` becomes what it becomes. Pure. */
export function toggledRange(
  rows: readonly string[],
  chosen: ReadonlySet<string>,
  from: string | undefined,
  to: string,
): ReadonlySet<string> {
  const adds = !chosen.has(to);
  const start = from === undefined ? -1 : rows.indexOf(from);
  const end = rows.indexOf(to);
  const touched =
    start < 0 || end < 0 ? [to] : rows.slice(Math.min(start, end), Math.max(start, end) + 1);
  const next = new Set(chosen);
  for (const id of touched) {
    if (adds) next.add(id);
    else next.delete(id);
  }
  return next;
}
