// The pipeline in one badge; pressing it leads to the details.

import { duration } from "../format/time";
import { healthOf, topicLags, type Health } from "../state/pipeline";
import type { Resource } from "../state/useResource";
import type { Pipeline } from "../state/usePipeline";

interface Props {
  pipeline: Resource<Pipeline>;
  onOpen: () => void;
}

export function HealthBadge({ pipeline, onOpen }: Props) {
  const { health, text } = describe(pipeline);
  return (
    <button
      type="button"
      class={`button health health-${health}`}
      title="Health of the pipeline"
      aria-label={`Pipeline: ${text}. Show details`}
      onClick={onOpen}
    >
      <span class="dot" aria-hidden="true" />
      <span class="health-text">{text}</span>
    </button>
  );
}

function describe({ data, error }: Resource<Pipeline>): {
  health: Health | "unknown";
  text: string;
} {
  if (error !== undefined) return { health: "unknown", text: "Status unknown" };
  if (data === undefined) return { health: "unknown", text: "Connecting" };
  const { status, readiness } = data;
  const health = healthOf(status, readiness);
  if (!status.kafka.connected) return { health, text: "Kafka away" };
  if (health === "down") return { health, text: "Not ready" };
  const lags = topicLags(status.partitions).flatMap((topic) => topic.lagSeconds ?? []);
  if (lags.length === 0) return { health, text: "Kafka connected" };
  const lag = Math.max(...lags);
  if (lag === 0) return { health, text: "No lag" };
  return { health, text: `${health === "late" ? "Behind" : "Lag"} ${duration(lag * 1000)}` };
}
