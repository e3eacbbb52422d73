// The live stream: lines as they come. It comes back by itself after a cut, and says where it stands.

import type { Message } from "../state/liveTail";
import { errorFromAnswer, errorFromFailure, isAbort, type ApiError } from "./error";
import { absolute } from "./root";

export interface Listener {
  onMessage: (message: Message) => void;
  onOpen: () => void;
  /** It is cut; the error says why, where the server said so. */
  onLost: (error: ApiError | undefined) => void;
}

/** How long to wait when the server said no, which it may take back. */
const RETRY_MS = 5_000;

const KINDS = ["error", "log", "gap"] as const;

/** Follows the stream at an address until the returned function is called. */
export function followStream(path: string, listener: Listener): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const controller = new AbortController();

  const open = (): void => {
    const current = new EventSource(absolute(path));
    source = current;
    current.onopen = listener.onOpen;
    for (const kind of KINDS) {
      current.addEventListener(kind, (event) => {
        // The failure of the connection has the same name as our errors, and no data.
        if (!(event instanceof MessageEvent)) return;
        listener.onMessage({ kind, id: event.lastEventId, data: String(event.data) });
      });
    }
    current.onerror = (event) => {
      if (event instanceof MessageEvent) return;
      listener.onLost(undefined);
      // While the browser tries again by itself, there is nothing to do.
      if (current.readyState === EventSource.CLOSED) void refused();
    };
  };

  /** The browser has given up, and keeps to itself what the server said. */
  const refused = async (): Promise<void> => {
    const error = await reasonOf(path, controller.signal);
    if (controller.signal.aborted) return;
    listener.onLost(error);
    if (error?.isRefusal !== true) timer = setTimeout(open, RETRY_MS);
  };

  open();
  return () => {
    controller.abort();
    clearTimeout(timer);
    source?.close();
  };
}

async function reasonOf(path: string, signal: AbortSignal): Promise<ApiError | undefined> {
  const asking = new AbortController();
  signal.addEventListener("abort", () => asking.abort());
  try {
    const response = await fetch(absolute(path), { signal: asking.signal, cache: "no-store" });
    if (response.ok) return undefined;
    return errorFromAnswer(response.status, response.statusText, await response.text());
  } catch (cause) {
    return isAbort(cause) ? undefined : errorFromFailure(cause);
  } finally {
    asking.abort();
  }
}
