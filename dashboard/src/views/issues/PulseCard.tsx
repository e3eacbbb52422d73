// The glance: what is new, what is growing, where.

import type { ComponentChildren } from "preact";
import type { Issue } from "../../api/types";
import { Link } from "../../components/Link";
import { growth, growthText } from "../../format/issue";
import { compact, count } from "../../format/number";
import { age, dayAndSeconds } from "../../format/time";
import type { Resource } from "../../state/useResource";
import { SHOWN, type Pulse } from "../../state/usePulse";
import { useNow } from "../../state/useNow";

interface Props {
  pulse: Resource<Pulse>;
  /** The services that the list is narrowed to. */
  chosen: readonly string[];
  onService: (service: string) => void;
}

export function PulseCard({ pulse, chosen, onService }: Props) {
  const { data } = pulse;
  const now = useNow(data !== undefined);
  return (
    <section class="card pulse" aria-label="New, growing, where">
      <Part title="New" nothing={data && "Nothing new in 24 hours"}>
        {data?.fresh.map((issue) => (
          <Glance
            key={issue.id}
            issue={issue}
            mark={age(now - Date.parse(issue.first_seen))}
            title={`First seen ${dayAndSeconds(new Date(issue.first_seen))}`}
          />
        ))}
      </Part>
      <Part title="Growing" nothing={data && "Nothing is growing"}>
        {data?.growing.map((issue) => (
          <Glance
            key={issue.id}
            issue={issue}
            mark={growthText(growth(issue.trend) ?? 1)}
            title="Errors of this hour or the last one, against a usual hour of the last day"
            grows
          />
        ))}
      </Part>
      <Part title="Where, past hour" nothing={data && "No errors"}>
        {data?.services.slice(0, SHOWN).map(([service, errors]) => (
          <li key={service}>
            <button
              type="button"
              class="glance"
              aria-pressed={chosen.includes(service)}
              title={`${service}: ${count(errors)} errors in the past hour`}
              onClick={() => onService(service)}
            >
              <span class="glance-mark">{compact(errors)}</span>
              <span class="glance-title">{service}</span>
              <span class="glance-track" aria-hidden="true">
                <span
                  class="bar-fill"
                  style={{ transform: `scaleX(${errors / (data.services[0]?.[1] ?? errors)})` }}
                />
              </span>
            </button>
          </li>
        ))}
      </Part>
    </section>
  );
}

interface PartProps {
  title: string;
  nothing: string | undefined;
  children: ComponentChildren[] | undefined;
}

function Part({ title, nothing, children }: PartProps) {
  return (
    <div class="pulse-part">
      <h2>{title}</h2>
      {children !== undefined && children.length === 0 && <p class="muted">{nothing}</p>}
      <ul>{children}</ul>
    </div>
  );
}

interface GlanceProps {
  issue: Issue;
  mark: string;
  title: string;
  grows?: boolean;
}

function Glance({ issue, mark, title, grows = false }: GlanceProps) {
  return (
    <li>
      <Link class="glance" to={{ view: "issue", id: issue.id }} title={`${issue.title}\n${title}`}>
        <span class={grows ? "glance-mark glance-grows" : "glance-mark"}>{mark}</span>
        <span class={`glance-title is-${issue.level.toLowerCase()}`}>{issue.title}</span>
        <span class="glance-service">{issue.service}</span>
      </Link>
    </li>
  );
}
