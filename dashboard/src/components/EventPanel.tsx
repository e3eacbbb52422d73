// The details of one error in a panel beside the list. Its frame: head, buttons, what to show while there is nothing.

import { useEffect, useRef } from "preact/hooks";
import type { ErrorEvent } from "../api/types";
import { curlCommand } from "../api/curl";
import { printExact } from "../api/json";
import { eventPath } from "../api/queries";
import { ROOT } from "../api/root";
import { ago, clock, day } from "../format/time";
import type { OpenEvent } from "../state/useEvent";
import { useNow } from "../state/useNow";
import { CopyButton } from "./CopyButton";
import { EventBody, type BodyActions } from "./EventBody";
import { Icon } from "./Icon";
import { Level } from "./Level";
import { Link } from "./Link";

interface Props extends BodyActions {
  id: string;
  open: OpenEvent;
  onClose: () => void;
  /** To the next (1) or previous (-1) error of the list. */
  onStep: (step: 1 | -1) => void;
}

export function EventPanel({ id, open, onClose, onStep, ...actions }: Props) {
  const { event, error } = open;
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => body.current?.scrollTo(0, 0), [id]);
  // Opened: the keys that scroll belong to the panel now. Stepping through the list keeps the focus there.
  useEffect(() => body.current?.focus({ preventScroll: true }), []);
  return (
    <div class="panel" role="dialog" aria-modal="false" aria-label="Error details">
      <header class="panel-head">
        <div class="panel-title">
          {event === undefined ? <span class="muted">Error details</span> : <Title event={event} />}
        </div>
        <button
          type="button"
          class="button button-icon"
          title="Previous (k)"
          aria-label="Previous error"
          onClick={() => onStep(-1)}
        >
          <Icon name="up" />
        </button>
        <button
          type="button"
          class="button button-icon"
          title="Next (j)"
          aria-label="Next error"
          onClick={() => onStep(1)}
        >
          <Icon name="chevron" />
        </button>
        <button
          type="button"
          class="button button-icon"
          title="Close (Esc)"
          aria-label="Close the details"
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      </header>
      <div class="panel-body" ref={body} tabIndex={-1}>
        {event !== undefined && <EventBody event={event} {...actions} />}
        {event === undefined && error === undefined && <p class="muted">Loading…</p>}
        {event === undefined && error !== undefined && (
          <div class="empty" role="alert">
            <p class="empty-title">
              {error.status === 404 ? "This error is not here any more" : "Not loaded"}
            </p>
            <p>{error.message}</p>
          </div>
        )}
      </div>
      {event !== undefined && <Footer event={event} />}
    </div>
  );
}

function Title({ event }: { event: ErrorEvent }) {
  const now = useNow();
  const time = new Date(event.timestamp);
  return (
    <>
      <Level level={event.level} />
      <span class="panel-service">{event.service}</span>
      <time dateTime={event.timestamp} title={event.timestamp}>
        {day(time)} {clock(time)} <span class="muted">· {ago(now - time.getTime())}</span>
      </time>
    </>
  );
}

function Footer({ event }: { event: ErrorEvent }) {
  return (
    <footer class="panel-foot">
      <Link class="button button-primary" to={{ view: "event", id: event.id }}>
        Lines around it
      </Link>
      <CopyButton icon="copy" label="Copy JSON" text={() => printExact(event, 2)} />
      <CopyButton
        icon="terminal"
        label="Copy as curl"
        text={() => curlCommand(eventPath(event.id), ROOT)}
      />
      <CopyButton icon="link" label="Copy link" text={() => location.href} />
    </footer>
  );
}
