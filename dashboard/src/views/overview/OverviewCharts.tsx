// Totals, histogram and bars: the part of the page that comes from statistics.

import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { Histogram } from "../../components/Histogram";
import { ServiceBars } from "../../components/ServiceBars";
import { StatStrip } from "../../components/StatStrip";
import { now } from "../../state/clock";
import type { Filters } from "../../state/filters";
import { columns, serviceBars } from "../../state/summary";
import { boundsAt, intervalFor } from "../../state/timeRange";
import type { Resource } from "../../state/useResource";
import type { Overview } from "../../state/useOverview";
import type { View } from "../../state/useView";

interface Props {
  filters: Filters;
  overview: Resource<Overview>;
  theme: string;
  onChange: View["setFilters"];
  /** Further cards of the side column. */
  children: ComponentChildren;
}

export function OverviewCharts({ filters, overview, theme, onChange, children }: Props) {
  const { data, outdated } = overview;
  const chart = useMemo(
    () => data && columns(data.timeline, filters.levels),
    [data, filters.levels],
  );
  const bars = useMemo(
    () => data && serviceBars(data.allServices, data.services, filters.services),
    [data, filters.services],
  );
  const expected = intervalFor(boundsAt(filters.range, now()));
  return (
    <>
      <StatStrip overview={data} dimmed={outdated} />
      <Histogram
        columns={chart}
        intervalMs={data?.timeline.timeline.interval_ms ?? expected}
        theme={theme}
        note={searchNote(filters)}
        dimmed={outdated}
        onSelect={(from, to) => onChange({ range: { kind: "between", from, to } })}
      />
      <div class="side">
        <ServiceBars
          bars={bars}
          selected={filters.services}
          dimmed={outdated}
          onChange={(services) => onChange({ services })}
        />
        {children}
      </div>
    </>
  );
}

/** Statistics know services and time only; the page says so instead of pretending. */
function searchNote({ q, traceId, issue }: Filters): string | undefined {
  const searching = q.trim() !== "" || traceId !== "" || issue !== "";
  return searching ? "all errors, the search narrows the list only" : undefined;
}
