// The pipeline in detail: broker, lag by topic, counters, store. What is wrong stands first, in words.

import type { Status } from "../api/types";
import { bytes, compact, count } from "../format/number";
import { ago, duration } from "../format/time";
import { counters, healthOf, topicLags, type Health } from "../state/pipeline";
import type { Pipeline } from "../state/usePipeline";
import type { Resource } from "../state/useResource";

const WORDS: Record<Health, string> = { ok: "Healthy", late: "Behind", down: "Not ready" };

export function PipelineCard({ pipeline }: { pipeline: Resource<Pipeline> }) {
  const { data, error } = pipeline;
  return (
    <section class="card" id="pipeline" tabIndex={-1} aria-labelledby="pipeline-title">
      <header class="card-head">
        <h2 id="pipeline-title">Pipeline</h2>
        {data !== undefined && <Verdict pipeline={data} stale={error !== undefined} />}
      </header>
      {data === undefined ? (
        <p class="card-note">{error === undefined ? "Asking…" : sentence(error.message)}</p>
      ) : (
        <div class={error === undefined ? "pipeline" : "pipeline dimmed"}>
          <Reasons pipeline={data} />
          <Lags status={data.status} />
          <Facts status={data.status} />
        </div>
      )}
    </section>
  );
}

function Verdict({ pipeline, stale }: { pipeline: Pipeline; stale: boolean }) {
  const health = healthOf(pipeline.status, pipeline.readiness);
  return (
    <span class={`health health-${stale ? "unknown" : health}`}>
      <span class="dot" aria-hidden="true" />
      {stale ? "Unknown" : WORDS[health]}
    </span>
  );
}

function Reasons({ pipeline: { status, readiness } }: { pipeline: Pipeline }) {
  const reasons = [...readiness.reasons];
  if (reasons.length === 0 && !status.kafka.connected) reasons.push("Kafka cannot be reached");
  if (reasons.length === 0) return null;
  return (
    <ul class="reasons" role="alert">
      {reasons.map((reason) => (
        <li key={reason}>{reason}</li>
      ))}
    </ul>
  );
}

function Lags({ status }: { status: Status }) {
  const topics = topicLags(status.partitions);
  return (
    <table class="lags">
      <thead>
        <tr>
          <th scope="col">Topic</th>
          <th scope="col">Lag</th>
          <th scope="col">Records</th>
        </tr>
      </thead>
      <tbody>
        {topics.length === 0 && (
          <tr>
            <td colSpan={3} class="muted">
              No partitions are assigned yet.
            </td>
          </tr>
        )}
        {topics.map((topic) => (
          <tr key={topic.topic}>
            <th scope="row" title={`${topic.topic}, ${topic.partitions} partitions`}>
              {topic.topic}
            </th>
            <td>{lagText(topic.lagSeconds)}</td>
            <td title={`${count(topic.lag)} records not read yet`}>{compact(topic.lag)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function lagText(seconds: number | undefined): string {
  if (seconds === undefined) return "unknown";
  return seconds === 0 ? "none" : duration(seconds * 1000);
}

function Facts({ status }: { status: Status }) {
  const { kafka, store, archive } = status;
  const oldest = store.oldest == null ? Number.NaN : Date.parse(store.oldest);
  const started = Date.parse(status.started_at);
  return (
    <dl class="facts">
      <Fact label="Kafka" alarming={!kafka.connected}>
        {kafka.connected ? "connected" : "not connected"}
      </Fact>
      <Fact label="Broker" title={kafka.bootstrap_servers}>
        {kafka.embedded ? "embedded" : kafka.bootstrap_servers}
      </Fact>
      {counters(status).map(({ label, value, alarming }) => (
        <Fact key={label} label={label} title={count(value)} alarming={alarming}>
          {compact(value)}
        </Fact>
      ))}
      <Fact label="In memory" title={`${count(store.records)} errors`}>
        {`${compact(store.records)} · ${bytes(store.bytes)}`}
      </Fact>
      {typeof archive?.records === "number" && (
        <Fact label="Archive" title={archive.path}>
          {`${compact(archive.records)} · ${bytes(archive.bytes ?? 0)}`}
        </Fact>
      )}
      {!Number.isNaN(oldest) && (
        <Fact label="Oldest error" title={store.oldest ?? undefined}>
          {ago(Date.now() - oldest)}
        </Fact>
      )}
      <Fact label="Version" title={`Started ${status.started_at}`}>
        {Number.isNaN(started)
          ? status.version
          : `${status.version} · up ${duration(Math.max(0, Date.now() - started))}`}
      </Fact>
    </dl>
  );
}

interface FactProps {
  label: string;
  children: string;
  title?: string | undefined;
  alarming?: boolean;
}

function Fact({ label, children, title, alarming = false }: FactProps) {
  return (
    <div class={alarming ? "fact alarming" : "fact"} title={title}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
