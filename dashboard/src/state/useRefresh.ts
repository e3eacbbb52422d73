// The clock of the page: a tick every five seconds, none while paused, none while nobody looks.

import { useCallback, useEffect, useState } from "preact/hooks";

export const REFRESH_MS = 5_000;

export interface Refresh {
  /** Grows by one whenever everything is to be loaded again. */
  tick: number;
  paused: boolean;
  togglePause: () => void;
  refreshNow: () => void;
}

export function useRefresh(): Refresh {
  const [tick, setTick] = useState(0);
  const [paused, setPaused] = useState(false);
  const refreshNow = useCallback(() => setTick((n) => n + 1), []);
  const togglePause = useCallback(() => setPaused((value) => !value), []);

  useEffect(() => {
    if (paused) return;
    // Resumed: what is on the page may be old by now.
    if (tick > 0) refreshNow();
    const timer = setInterval(() => {
      if (!document.hidden) refreshNow();
    }, REFRESH_MS);
    const whenVisible = (): void => {
      if (!document.hidden) refreshNow();
    };
    document.addEventListener("visibilitychange", whenVisible);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", whenVisible);
    };
  }, [paused]);

  return { tick, paused, togglePause, refreshNow };
}
