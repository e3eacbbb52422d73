// One error and the lines around it.

import { useMemo } from "preact/hooks";
import { curlCommand } from "../../api/curl";
import { printExact } from "../../api/json";
import { contextPath, eventPath } from "../../api/queries";
import { ROOT } from "../../api/root";
import type { ErrorEvent } from "../../api/types";
import { CopyButton } from "../../components/CopyButton";
import { Cause, EventEvidence, EventOrigin } from "../../components/EventBody";
import { Level } from "../../components/Level";
import { Link } from "../../components/Link";
import { Missing } from "../../components/Missing";
import { Page } from "../../components/Page";
import { headline, reason } from "../../format/record";
import { ago, clock, day } from "../../format/time";
import { formatContextView, parseContextView, type ContextView } from "../../state/contextView";
import { leftFilters } from "../../state/left";
import { go } from "../../state/place";
import { searchFor, searchTrace } from "../../state/searches";
import { useContext, useStoredEvent } from "../../state/useContext";
import { useNow } from "../../state/useNow";
import type { Shell } from "../../state/useShell";
import { Around } from "./Around";
import { useLineRows } from "./useLineRows";

interface Props {
  id: string;
  search: string;
  shell: Shell;
}

export function EventView({ id, search, shell }: Props) {
  const view = useMemo(() => parseContextView(search), [search]);
  const stored = useStoredEvent(id, shell.refresh.tick);
  const context = useContext(id, view, shell.refresh.tick);
  // The lines that were kept of it may outlive the error itself.
  const event = stored.data ?? context.data?.event;
  const lines = useLineRows(event, context);
  const change = (next: Partial<ContextView>): void => {
    const { scope } = { ...view, ...next };
    // Other lines are another view; more of the same are not.
    const replace = scope === view.scope;
    go({ view: "event", id }, formatContextView({ ...view, ...next }), { replace });
  };
  const back = (): void => {
    if (event?.issue_id === undefined) go({ view: "issues" }, leftFilters());
    else go({ view: "issue", id: event.issue_id });
  };
  const forgotten = stored.error?.status === 404 || stored.error?.isRefusal === true;
  const gone = forgotten && context.error !== undefined;
  const own = forgotten ? { ...stored, error: undefined } : stored;
  return (
    <Page
      shell={shell}
      view="event"
      title={event === undefined ? "Error" : headline(event)}
      skip={{ to: "around-title", what: "the lines around it" }}
      parts={[own]}
      keys={{
        j: () => lines.rows.step(1),
        k: () => lines.rows.step(-1),
        ArrowDown: () => (lines.isFocused() ? lines.rows.step(1) : false),
        ArrowUp: () => (lines.isFocused() ? lines.rows.step(-1) : false),
        Escape: back,
      }}
    >
      {event === undefined ? (
        <Missing
          title="This error is not here any more"
          gone={gone}
          error={stored.error}
          way={
            <Link class="button" to={{ view: "issues" }}>
              All issues
            </Link>
          }
        />
      ) : (
        <main class="detail event-page">
          <Head event={event} path={contextPath(id, view.scope, view.before, view.after)} />
          <div class="detail-main">
            <Around event={event} view={view} context={context} lines={lines} onChange={change} />
          </div>
          <div class="side">
            <section class="card" aria-label="Details">
              <div class="card-body">
                <Cause event={event} />
                <EventEvidence event={event} onTerm={searchFor} onTrace={searchTrace} />
                <EventOrigin event={event} onTerm={searchFor} onTrace={searchTrace} />
              </div>
            </section>
          </div>
        </main>
      )}
    </Page>
  );
}

function Head({ event, path }: { event: ErrorEvent; path: string }) {
  const now = useNow();
  const time = new Date(event.timestamp);
  return (
    <header class="detail-head">
      <p class="crumbs">
        <Link class="link" to={{ view: "issues" }} search={leftFilters()}>
          Issues
        </Link>
        <span aria-hidden="true">/</span>
        {event.issue_id === undefined ? (
          <span>{event.service}</span>
        ) : (
          <Link class="link" to={{ view: "issue", id: event.issue_id }}>
            {event.service}: its issue
          </Link>
        )}
      </p>
      <h1 class="detail-title">{headline(event)}</h1>
      <div class="detail-line">
        <Level level={event.level} />
        <span>{event.service}</span>
        {event.host !== undefined && <span class="muted">{event.host}</span>}
        <time dateTime={event.timestamp} title={event.timestamp}>
          {day(time)} {clock(time)} <span class="muted">· {ago(now - time.getTime())}</span>
        </time>
      </div>
      {event.truncated === true && (
        <p class="hint">The record was too large and was cut before it was sent.</p>
      )}
      {reason(event) !== undefined && <p class="detail-cause">{reason(event)}</p>}
      <div class="detail-actions">
        {event.issue_id !== undefined && (
          <Link class="button button-primary" to={{ view: "issue", id: event.issue_id }}>
            Its issue
          </Link>
        )}
        <CopyButton icon="link" label="Copy link" text={() => location.href} />
        <CopyButton icon="copy" label="Copy JSON" text={() => printExact(event, 2)} />
        <CopyButton
          icon="terminal"
          label="Copy as curl"
          text={() => `${curlCommand(eventPath(event.id), ROOT)}\n${curlCommand(path, ROOT)}`}
        />
      </div>
    </header>
  );
}
