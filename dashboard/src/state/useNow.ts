// The time of this machine, for texts such as "12 s ago".

import { useEffect, useState } from "preact/hooks";

/** Epoch milliseconds, renewed every second while `active`. */
export function useNow(active = true): number {
  const [time, setTime] = useState(() => Date.now());
  useEffect(() => {
    if (!active) return;
    setTime(Date.now());
    const timer = setInterval(() => setTime(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [active]);
  return time;
}
