// Moving through a list of rows by keyboard. With the details of a row open, they follow.

import { useCallback, useLayoutEffect, useRef, useState } from "preact/hooks";

export interface Rows {
  currentId: string | undefined;
  setCurrent: (id: string) => void;
  /** 1: next, -1: previous, 0: the current row gets the focus. */
  step: (by: 1 | 0 | -1) => void;
}

interface Options {
  /** The row whose details are open, and how to open others. */
  openId?: string | undefined;
  open?: (id: string, options: { replace: boolean }) => void;
  /** Called at the end of the list. */
  more?: () => void;
  /** The row to begin with. */
  startId?: string | undefined;
}

export function useRows(ids: readonly string[], options: Options = {}): Rows {
  const [currentId, setCurrent] = useState<string | undefined>(options.startId);
  const latest = useRef({ ids, currentId, ...options });
  latest.current = { ids, currentId, ...options };

  const step = useCallback((by: 1 | 0 | -1) => {
    const { ids: rows, openId, currentId: current, startId, open, more } = latest.current;
    const from = [openId, current, startId].find((row) => row !== undefined && rows.includes(row));
    const { id, atEnd } = stepped(rows, from, by);
    if (atEnd) more?.();
    if (id === undefined) return;
    setCurrent(id);
    focusRow(id);
    if (openId !== undefined) open?.(id, { replace: true });
  }, []);

  useFocusKept(ids);
  return { currentId, setCurrent, step };
}

/**
 * A row that a refresh moves is taken out of the page for an instant by browsers that do not know `moveBefore`, and they
 * forget that it had the focus.
 */
function useFocusKept(ids: readonly string[]): void {
  const active = document.activeElement as HTMLElement | null;
  const before = active?.classList.contains("row") === true ? active.dataset["id"] : undefined;
  useLayoutEffect(() => {
    if (before === undefined || document.activeElement !== document.body) return;
    rowOf(before)?.focus({ preventScroll: true });
  }, [ids]);
}

/** Where a step leads, and whether it wanted beyond the last row. */
export function stepped(
  ids: readonly string[],
  from: string | undefined,
  by: 1 | 0 | -1,
): { id: string | undefined; atEnd: boolean } {
  const at = from === undefined ? -1 : ids.indexOf(from);
  // Nothing chosen yet: both directions lead to the first row.
  const next = at < 0 ? 0 : Math.min(Math.max(at + by, 0), ids.length - 1);
  return { id: ids[next], atEnd: at >= 0 && at + by >= ids.length };
}

/** Gives a row the focus, if it is on the page. */
export function focusRow(id: string): void {
  const row = rowOf(id);
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}

function rowOf(id: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`.row[data-id="${CSS.escape(id)}"]`);
}

export function isRowFocused(): boolean {
  return document.activeElement?.classList.contains("row") === true;
}
