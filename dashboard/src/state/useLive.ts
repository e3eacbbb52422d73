// The live stream as state: lines in small groups, held back while paused, and how the connection is.

import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiError } from "../api/error";
import { followStream } from "../api/stream";
import { MAX_LINES, NO_LINES, appended, type Message, type Tail } from "./liveTail";
import { released } from "./press";

export interface Live {
  tail: Tail;
  connection: "connecting" | "open" | "lost";
  error: ApiError | undefined;
  /** Lines that wait for the end of the pause. */
  waiting: number;
  clear: () => void;
}

/** A page that is painted more often than this is not read better. */
const PAINT_MS = 120;

export function useLive(path: string, paused: boolean): Live {
  const [tail, setTail] = useState<Tail>(NO_LINES);
  const [connection, setConnection] = useState<Live["connection"]>("connecting");
  const [error, setError] = useState<ApiError | undefined>(undefined);
  const [waiting, setWaiting] = useState(0);
  const pending = useRef<{ messages: Message[]; lost: number }>({ messages: [], lost: 0 });
  const isPaused = useRef(paused);
  isPaused.current = paused;

  const flush = (): void => {
    const { messages, lost } = pending.current;
    setWaiting(isPaused.current ? messages.length + lost : 0);
    if (isPaused.current || messages.length + lost === 0) return;
    pending.current = { messages: [], lost: 0 };
    setTail((old) => appended(old, messages, lost));
  };

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    pending.current = { messages: [], lost: 0 };
    setTail(NO_LINES);
    setConnection("connecting");
    setError(undefined);
    const stop = followStream(path, {
      onMessage: (message) => {
        const held = pending.current;
        held.messages.push(message);
        if (held.messages.length > MAX_LINES) {
          held.messages.shift();
          held.lost += 1;
        }
        timer ??= setTimeout(async () => {
          await released();
          timer = undefined;
          flush();
        }, PAINT_MS);
      },
      onOpen: () => {
        setConnection("open");
        setError(undefined);
      },
      onLost: (cause) => {
        setConnection("lost");
        if (cause !== undefined) setError(cause);
      },
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [path]);

  useEffect(flush, [paused]);

  return { tail, connection, error, waiting, clear: () => setTail(NO_LINES) };
}
