// What a log line carries, below it: error, fields, origin, and where to go from it.

import { printExact } from "../api/json";
import type { LogRecord } from "../api/types";
import { causes, source } from "../format/record";
import type { Line } from "../state/lines";
import { CopyButton } from "./CopyButton";
import { fieldsOf, type BodyActions } from "./EventBody";
import { KeyValues, present, type KeyValue } from "./KeyValues";
import { Link } from "./Link";
import { Stack } from "./Stack";

export type LineActions = BodyActions;

export function LineDetails({ line, onTerm, onTrace }: LineActions & { line: Line }) {
  const { record, eventId, issueId } = line;
  const chain = causes(record);
  const { trace_id } = record;
  return (
    <div class="line-details">
      <p class="line-whole">{record.message}</p>
      {record.error?.type !== undefined && <p class="error-type">{record.error.type}</p>}
      {chain.length > 0 && (
        <ol class="chain" aria-label="Caused by">
          {chain.map((cause, i) => (
            <li key={i}>{cause}</li>
          ))}
        </ol>
      )}
      {record.error?.stack !== undefined && <Stack text={record.error.stack} />}
      <KeyValues pairs={[...fieldsOf(record), ...about(record)]} onTerm={onTerm} />
      <p class="line-links">
        {eventId !== undefined && (
          <Link class="button" to={{ view: "event", id: eventId }}>
            Lines around it
          </Link>
        )}
        {issueId !== undefined && (
          <Link class="button" to={{ view: "issue", id: issueId }}>
            Its issue
          </Link>
        )}
        {trace_id !== undefined && (
          <button type="button" class="button" onClick={() => onTrace(trace_id)}>
            Its trace
          </button>
        )}
        <CopyButton icon="copy" label="Copy JSON" text={() => printExact(record, 2)} />
      </p>
    </div>
  );
}

function about(record: LogRecord): KeyValue[] {
  return present([
    ["target", record.target, "target"],
    ["source", source(record)],
    ["service", record.service, "service"],
    ["version", record.version, "version"],
    ["host", record.host, "host"],
    ["instance", record.instance],
    ["thread", record.thread],
    ["trace", record.trace_id],
    ["logged", record.timestamp],
  ]);
}
