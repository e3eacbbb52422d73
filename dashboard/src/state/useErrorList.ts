// The list of errors that match the filters: first page on every tick, older pages on demand.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { getErrorPage } from "../api/client";
import { errorFromFailure, isAbort, type ApiError } from "../api/error";
import { errorsPath, nextPagePath } from "../api/queries";
import { now } from "./clock";
import { extended, listOf, refreshed, type ErrorList } from "./errorList";
import type { Filters } from "./filters";
import { boundsAt } from "./timeRange";
import { useResource, type Resource } from "./useResource";

export interface ErrorListState extends Resource<ErrorList> {
  /** The address the list came from: what "copy as curl" copies. */
  path: string;
  loadOlder: () => void;
  loadingOlder: boolean;
  olderError: ApiError | undefined;
}

export function useErrorList(filters: Filters, tick: number): ErrorListState {
  const path = errorsPath(filters);
  const resource = useResource(
    path,
    tick,
    (signal) => getErrorPage(path, signal),
    (previous: ErrorList | undefined, page) => {
      if (previous === undefined) return listOf(page, path);
      return refreshed(previous, page, path, boundsAt(filters.range, now()).from);
    },
  );
  const older = useOlder(path, resource.data, resource.update);
  return { ...resource, path, ...older };
}

function useOlder(
  path: string,
  list: ErrorList | undefined,
  update: (change: (list: ErrorList) => ErrorList) => void,
) {
  const [loadingOlder, setLoading] = useState(false);
  const [olderError, setError] = useState<ApiError | undefined>(undefined);
  const flight = useRef<AbortController | undefined>(undefined);

  useEffect(() => {
    return () => {
      flight.current?.abort();
      flight.current = undefined;
      setLoading(false);
      setError(undefined);
    };
  }, [path]);

  const loadOlder = useCallback(() => {
    const tail = list?.tail;
    if (tail === undefined || flight.current !== undefined) return;
    const controller = new AbortController();
    flight.current = controller;
    setLoading(true);
    getErrorPage(nextPagePath(tail.path, tail.cursor), controller.signal)
      .then((page) => {
        update((current) => extended(current, page, tail.path));
        setError(undefined);
      })
      .catch((cause: unknown) => {
        if (!isAbort(cause)) setError(errorFromFailure(cause));
      })
      .finally(() => {
        if (flight.current !== controller) return;
        flight.current = undefined;
        setLoading(false);
      });
  }, [list, update]);

  return { loadOlder, loadingOlder, olderError };
}
