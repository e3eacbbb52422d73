// How fresh the page is as a whole: the worst of its parts. Pure.

import type { ApiError } from "../api/error";

export interface Part {
  error: ApiError | undefined;
  loadedAt: number | undefined;
}

export interface Freshness {
  /** Why the last refresh failed, if it did. */
  error: ApiError | undefined;
  /** When the oldest data that failed to renew came; `undefined` when some part never came. */
  since: number | undefined;
}

export function freshness(parts: readonly Part[]): Freshness {
  const failed = parts.filter((part) => part.error !== undefined);
  const times = failed.map((part) => part.loadedAt);
  return {
    error: failed[0]?.error,
    since: times.some((time) => time === undefined)
      ? undefined
      : times.reduce((oldest, time) => ((time ?? 0) < (oldest ?? 0) ? time : oldest), times[0]),
  };
}
