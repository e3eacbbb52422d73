// Moving through the list by keyboard. With the details open, they follow.

import { useCallback, useRef, useState } from "preact/hooks";
import type { ErrorEvent } from "../../api/types";
import type { View } from "../../state/useView";

export interface ListNavigation {
  currentId: string | undefined;
  setCurrent: (id: string) => void;
  /** 1: next, -1: previous, 0: the current row gets the focus. */
  step: (by: 1 | 0 | -1) => void;
}

export function useListNavigation(
  errors: readonly ErrorEvent[],
  openId: string | undefined,
  openEvent: View["openEvent"],
  loadOlder: () => void,
): ListNavigation {
  const [currentId, setCurrent] = useState<string | undefined>(undefined);
  const latest = useRef({ errors, openId, currentId, loadOlder });
  latest.current = { errors, openId, currentId, loadOlder };

  const step = useCallback((by: 1 | 0 | -1) => {
    const { errors: rows, openId: open, currentId: current } = latest.current;
    if (rows.length === 0) return;
    const at = rows.findIndex((event) => event.id === (open ?? current));
    // Nothing chosen yet: both directions lead to the first row.
    const next = at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1);
    if (at >= 0 && at + by >= rows.length) latest.current.loadOlder();
    const id = rows[next]?.id;
    if (id === undefined) return;
    setCurrent(id);
    focusRow(id);
    if (open !== undefined) openEvent(id, { replace: true });
  }, []);

  return { currentId, setCurrent, step };
}

/** Gives a row the focus, if it is on the page. */
export function focusRow(id: string): void {
  const row = document.querySelector<HTMLElement>(`.row[data-id="${CSS.escape(id)}"]`);
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}

export function isRowFocused(): boolean {
  return document.activeElement?.classList.contains("row") === true;
}
