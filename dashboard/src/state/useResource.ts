// One thing the page loads and keeps fresh: old data stays while new data is on its way, and stays when it does not come.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { errorFromFailure, isAbort, type ApiError } from "../api/error";

export interface Resource<T> {
  data: T | undefined;
  /** Why the last attempt failed; cleared by the next success. */
  error: ApiError | undefined;
  /** When `data` came, in epoch milliseconds of this machine. */
  loadedAt: number | undefined;
  /** `data` answers an older question than the one now asked. */
  outdated: boolean;
}

interface Held<T> extends Resource<T> {
  key: string | undefined;
}

/**
 * Loads when `key` changes (at once, dropping the request under way) and when `tick` changes (unless one is still under way,
 * or the server refused this very key).
 * `merge` joins what was loaded with what the same key held before; without it, the new replaces the old.
 * `update` changes the held data in place, for whoever loads more of it.
 */
export function useResource<T, L = T>(
  key: string,
  tick: number,
  load: (signal: AbortSignal) => Promise<L>,
  merge: (previous: T | undefined, loaded: L) => T = (_, loaded) => loaded as unknown as T,
): Resource<T> & { update: (change: (data: T) => T) => void } {
  const [state, setState] = useState<Held<T>>({
    key: undefined,
    data: undefined,
    error: undefined,
    loadedAt: undefined,
    outdated: false,
  });
  const refused = useRef<string | undefined>(undefined);
  const flight = useRef<{ key: string; controller: AbortController } | undefined>(undefined);

  useEffect(() => {
    if (flight.current?.key === key || refused.current === key) return;
    refused.current = undefined;
    flight.current?.controller.abort();
    const controller = new AbortController();
    const mine = { key, controller };
    flight.current = mine;
    load(controller.signal)
      .then((loaded) => {
        if (flight.current !== mine) return;
        setState((old) => ({
          key,
          data: merge(old.key === key ? old.data : undefined, loaded),
          error: undefined,
          loadedAt: Date.now(),
          outdated: false,
        }));
      })
      .catch((cause: unknown) => {
        if (flight.current !== mine || isAbort(cause)) return;
        const error = errorFromFailure(cause);
        if (error.isRefusal) refused.current = key;
        setState((old) => ({ ...old, error }));
      })
      .finally(() => {
        if (flight.current === mine) flight.current = undefined;
      });
  }, [key, tick]);

  useEffect(() => () => flight.current?.controller.abort(), []);

  const update = useCallback(
    (change: (data: T) => T) => {
      setState((old) =>
        old.key === key && old.data !== undefined ? { ...old, data: change(old.data) } : old,
      );
    },
    [key],
  );

  return { ...state, update, outdated: state.key !== undefined && state.key !== key };
}
