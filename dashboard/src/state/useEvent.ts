// The event that is open: from the list when it is there, else from the API (a shared link may be older than the list).

import { useEffect, useState } from "preact/hooks";
import { getEvent } from "../api/client";
import { errorFromFailure, isAbort, type ApiError } from "../api/error";
import type { ErrorEvent } from "../api/types";

export interface OpenEvent {
  event: ErrorEvent | undefined;
  error: ApiError | undefined;
}

export function useEvent(id: string | undefined, listed: readonly ErrorEvent[]): OpenEvent {
  const [held, setHeld] = useState<OpenEvent & { id: string | undefined }>({
    id: undefined,
    event: undefined,
    error: undefined,
  });
  const [attempt, setAttempt] = useState(0);
  const inList = id === undefined ? undefined : listed.find((event) => event.id === id);
  const known = inList !== undefined || (held.id === id && held.event !== undefined);

  useEffect(() => {
    // Kept here, because a refresh may push the event out of the list while it is being read.
    if (inList !== undefined) setHeld({ id, event: inList, error: undefined });
  }, [id, inList?.id]);

  useEffect(() => {
    if (id === undefined || known) return;
    const controller = new AbortController();
    let retry: ReturnType<typeof setTimeout> | undefined;
    getEvent(id, controller.signal)
      .then((event) => setHeld({ id, event, error: undefined }))
      .catch((cause: unknown) => {
        if (isAbort(cause)) return;
        const error = errorFromFailure(cause);
        setHeld({ id, event: undefined, error });
        if (!error.isRefusal && error.status !== 404)
          retry = setTimeout(() => setAttempt((n) => n + 1), 5_000);
      });
    return () => {
      controller.abort();
      clearTimeout(retry);
    };
  }, [id, known, attempt]);

  if (inList !== undefined) return { event: inList, error: undefined };
  return held.id === id ? held : { event: undefined, error: undefined };
}
