// One sentence about what was just done, with a way back; it goes by itself.

import { useCallback, useEffect, useState } from "preact/hooks";

export interface Notice {
  text: string;
  failed?: boolean;
  undo?: () => void;
}

export interface Notices {
  notice: Notice | undefined;
  say: (notice: Notice | undefined) => void;
}

/** Long enough to read it and to change one's mind. */
const SHOWN_MS = 8_000;

export function useNotice(): Notices {
  const [notice, say] = useState<Notice | undefined>(undefined);
  useEffect(() => {
    if (notice === undefined || notice.failed === true) return;
    const timer = setTimeout(() => say(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  return { notice, say: useCallback(say, []) };
}
