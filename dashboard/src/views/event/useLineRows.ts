// The lines of the page as rows: which is the error, which are open, how the keyboard moves.

import { useCallback, useMemo, useState } from "preact/hooks";
import type { Context, ErrorEvent } from "../../api/types";
import { lineOf, lineOfError, type Line } from "../../state/lines";
import type { Resource } from "../../state/useResource";
import { isRowFocused, useRows, type Rows } from "../../state/useRows";
import { toggled } from "../../state/filters";

export interface LineRows {
  lines: readonly Line[];
  /** The key of the error itself. */
  markedKey: string | undefined;
  rows: Rows;
  isFocused: () => boolean;
  open: readonly string[];
  toggle: (key: string) => void;
}

export function useLineRows(event: ErrorEvent | undefined, context: Resource<Context>): LineRows {
  const lines = useMemo(() => {
    if (event === undefined) return [];
    const { before = [], after = [] } = context.data ?? {};
    return [...before.map(lineOf), lineOfError(event), ...after.map(lineOf)];
  }, [event, context.data]);
  const keys = useMemo(() => lines.map((line) => line.key), [lines]);
  const rows = useRows(keys, { startId: event?.id });
  const [open, setOpen] = useState<readonly string[]>([]);
  const toggle = useCallback((key: string) => setOpen((keys) => toggled(keys, key)), []);
  return { lines, markedKey: event?.id, rows, isFocused: isRowFocused, open, toggle };
}
