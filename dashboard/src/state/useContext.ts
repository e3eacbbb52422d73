// What does not change by itself: the error of a page, and the lines around it, which are read from Kafka. Asked for
// once, and again only on request or after a failure.

import { useRef } from "preact/hooks";
import { getContext, getEvent } from "../api/client";
import { contextPath } from "../api/queries";
import type { Context, ErrorEvent } from "../api/types";
import type { ContextView } from "./contextView";
import { useResource, type Loader } from "./useResource";

export function useContext(id: string, view: ContextView, tick: number): Loader<Context> {
  const path = contextPath(id, view.scope, view.before, view.after);
  return useOnce(path, tick, (signal) => getContext(path, signal));
}

/** The error by itself: it is there when Kafka is not. */
export function useStoredEvent(id: string, tick: number): Loader<ErrorEvent> {
  return useOnce(`event ${id}`, tick, (signal) => getEvent(id, signal));
}

function useOnce<T>(key: string, tick: number, load: (signal: AbortSignal) => Promise<T>) {
  const counted = useRef(tick);
  const failing = useRef(false);
  // Ticks count only while it fails.
  if (failing.current) counted.current = tick;
  const resource = useResource(key, counted.current, load);
  failing.current = resource.error !== undefined && resource.error.status !== 404;
  return resource;
}
