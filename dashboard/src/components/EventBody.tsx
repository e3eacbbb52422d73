// Everything an error carries, in the order a person asks: what, why, with which values, on which way, where.

import type { ComponentChildren } from "preact";
import type { ErrorEvent, LogRecord } from "../api/types";
import { causes, headline, inline, reason, source, spanPairs } from "../format/record";
import { fieldKey, isSearchable } from "../state/searchTerm";
import { KeyValues, present, type KeyValue } from "./KeyValues";
import { Link } from "./Link";
import { Stack } from "./Stack";

export interface BodyActions {
  onTerm: (key: string, value: string, exclude: boolean) => void;
  onTrace: (traceId: string) => void;
}

export function EventBody({ event, ...actions }: BodyActions & { event: ErrorEvent }) {
  return (
    <>
      <EventCause event={event} />
      <EventEvidence event={event} {...actions} />
      <EventOrigin event={event} {...actions} />
    </>
  );
}

/** What was said, and why it failed. */
export function EventCause({ event }: { event: ErrorEvent }) {
  return (
    <>
      <p class="message">{headline(event)}</p>
      {event.truncated === true && (
        <p class="hint">The record was too large and was cut before it was sent.</p>
      )}
      <Cause event={event} />
    </>
  );
}

/** With which values, and on which way. */
export function EventEvidence({ event, onTerm, onTrace }: BodyActions & { event: ErrorEvent }) {
  const fields = fieldsOf(event);
  return (
    <>
      {fields.length > 0 && (
        <Block title="Fields">
          <KeyValues pairs={fields} onTerm={onTerm} />
        </Block>
      )}
      <Spans event={event} />
      <Trace event={event} onTrace={onTrace} />
    </>
  );
}

/** From where. */
export function EventOrigin({ event, onTerm }: BodyActions & { event: ErrorEvent }) {
  return (
    <>
      <Block title="Origin">
        <KeyValues pairs={origin(event)} onTerm={onTerm} />
      </Block>
      <Block title="Kafka">
        <KeyValues pairs={coordinates(event)} onTerm={onTerm} />
      </Block>
      {event.issue_id !== undefined && (
        <Block title="Issue">
          <Link class="link mono" to={{ view: "issue", id: event.issue_id }}>
            {event.issue_id}
          </Link>
        </Block>
      )}
    </>
  );
}

/** The fields of a record, each with what finds it. */
export function fieldsOf(event: LogRecord): KeyValue[] {
  return Object.entries(event.fields ?? {}).map(([key, value]) => {
    const searchKey = isSearchable(value) ? fieldKey(key) : undefined;
    return { key, value: inline(value), ...(searchKey === undefined ? {} : { searchKey }) };
  });
}

function Block({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="block">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** Why it failed, as far as its error says. */
export function Cause({ event }: { event: ErrorEvent }) {
  const { error } = event;
  if (error === undefined) return null;
  const chain = causes(event);
  return (
    <Block title="Error">
      {error.type !== undefined && <p class="error-type">{error.type}</p>}
      {reason(event) !== undefined && <p class="error-message">{reason(event)}</p>}
      {chain.length > 0 && (
        <ol class="chain" aria-label="Caused by">
          {chain.map((cause, i) => (
            <li key={i}>{cause}</li>
          ))}
        </ol>
      )}
      {error.stack !== undefined && <Stack text={error.stack} />}
    </Block>
  );
}

function Spans({ event }: { event: ErrorEvent }) {
  const spans = event.spans ?? [];
  if (spans.length === 0) return null;
  return (
    <Block title="Spans">
      <ol class="spans">
        {spans.map((span, i) => (
          <li key={i}>
            <span class="span-name">{span.name ?? "(unnamed)"}</span>
            {spanPairs(span).map(([key, value]) => (
              <span class="span-field" key={key}>
                <span class="muted">{key}=</span>
                {value}
              </span>
            ))}
          </li>
        ))}
      </ol>
    </Block>
  );
}

function Trace({ event, onTrace }: { event: ErrorEvent; onTrace: (traceId: string) => void }) {
  const { trace_id, span_id } = event;
  if (trace_id === undefined) return null;
  return (
    <Block title="Trace">
      <p class="trace">
        <button
          type="button"
          class="link mono"
          title="Show all errors of this trace"
          onClick={() => onTrace(trace_id)}
        >
          {trace_id}
        </button>
        {span_id !== undefined && <span class="muted mono">span {span_id}</span>}
      </p>
    </Block>
  );
}

function origin(event: ErrorEvent): KeyValue[] {
  return present([
    ["service", event.service, "service"],
    ["version", event.version, "version"],
    ["env", event.env, "env"],
    ["host", event.host, "host"],
    ["instance", event.instance],
    ["pid", event.pid],
    ["thread", event.thread],
    ["target", event.target, "target"],
    ["source", source(event)],
  ]);
}

function coordinates(event: ErrorEvent): KeyValue[] {
  const delay = Date.parse(event.received_at) - Date.parse(event.timestamp);
  const received = Number.isNaN(delay) ? event.received_at : `${event.received_at} (+${delay} ms)`;
  return present([
    ["topic", event.topic],
    ["partition", event.partition],
    ["offset", event.offset],
    ["logged", event.timestamp],
    ["received", received],
    ["seq", event.seq],
    ["id", event.id],
  ]);
}
