// One thing the page loads and keeps fresh: old data stays while new data is on its way, and stays when it does not come.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { errorFromFailure, isAbort, type ApiError } from "../api/error";
import { released } from "./press";

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

export interface Loader<T> extends Resource<T> {
  /** Changes the held data in place, for whoever loads more of it. */
  update: (change: (data: T) => T) => void;
  /** Loads again at once: what is under way was asked before something changed. */
  reload: () => void;
}

/** What was loaded last, by key: who comes back to a page sees it as it was left, and then renewed. */
const remembered = new Map<string, Held<unknown>>();

const MAX_REMEMBERED = 24;

/**
 * Loads when `key` changes (at once, dropping the request under way) and when `tick` changes (unless one is still under way,
 * or the server refused this very key).
 * `merge` joins what was loaded with what the same key held before; without it, the new replaces the old.
 */
export function useResource<T>(
  key: string,
  tick: number,
  load: (signal: AbortSignal) => Promise<T>,
): Loader<T>;
export function useResource<T, L>(
  key: string,
  tick: number,
  load: (signal: AbortSignal) => Promise<L>,
  merge: (previous: T | undefined, loaded: L) => T,
): Loader<T>;
export function useResource<T>(
  key: string,
  tick: number,
  load: (signal: AbortSignal) => Promise<T>,
  merge: (previous: T | undefined, loaded: T) => T = (_, loaded) => loaded,
): Loader<T> {
  const [state, setState] = useState<Held<T>>(
    () => (remembered.get(key) as Held<T> | undefined) ?? NOTHING,
  );
  const [attempt, setAttempt] = useState(0);
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
      .then(async (loaded) => {
        await released();
        if (flight.current !== mine) return;
        setState((old) => {
          const data = merge(old.key === key ? old.data : undefined, loaded);
          return { key, data, error: undefined, loadedAt: Date.now(), outdated: false };
        });
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
  }, [key, tick, attempt]);

  useEffect(() => remember(state), [state]);

  useEffect(() => () => flight.current?.controller.abort(), []);

  const update = useCallback(
    (change: (data: T) => T) => {
      setState((old) =>
        old.key === key && old.data !== undefined ? { ...old, data: change(old.data) } : old,
      );
    },
    [key],
  );

  const reload = useCallback(() => {
    flight.current?.controller.abort();
    flight.current = undefined;
    refused.current = undefined;
    setAttempt((n) => n + 1);
  }, []);

  return { ...state, update, reload, outdated: state.key !== undefined && state.key !== key };
}

const NOTHING = {
  key: undefined,
  data: undefined,
  error: undefined,
  loadedAt: undefined,
  outdated: false,
};

function remember<T>(state: Held<T>): void {
  if (state.key === undefined || state.data === undefined) return;
  remembered.delete(state.key);
  remembered.set(state.key, { ...state, error: undefined });
  const oldest = remembered.keys().next().value;
  if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
}
