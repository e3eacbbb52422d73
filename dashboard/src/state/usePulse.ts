// What has changed: the newest issues, those that grow, and the services with errors in the past hour.

import { getIssuePage, getStats } from "../api/client";
import { issuesPath, statsPath } from "../api/queries";
import type { Issue } from "../api/types";
import { growth } from "../format/issue";
import { now } from "./clock";
import { NO_ISSUE_FILTERS, type IssueFilters } from "./issueFilters";
import { HOUR_MS } from "./timeRange";
import { useResource, type Resource } from "./useResource";

export interface Pulse {
  fresh: Issue[];
  growing: Issue[];
  /** Errors of the past hour by service, the most first. */
  services: [name: string, errors: number][];
}

/** As many as a glance takes in. */
export const SHOWN = 3;

export function usePulse({ services, levels }: IssueFilters, tick: number): Resource<Pulse> {
  const filters = { ...NO_ISSUE_FILTERS, services, levels };
  const key = `pulse ${issuesPath(filters)}`;
  return useResource(key, tick, async (signal) => {
    const to = Math.round(now());
    const [newest, rising, stats] = await Promise.all([
      getIssuePage(issuesPath({ ...filters, sort: "first_seen" }, SHOWN), signal),
      getIssuePage(issuesPath({ ...filters, sort: "trend" }), signal),
      getStats(statsPath({ from: to - HOUR_MS, to }, HOUR_MS, services), signal),
    ]);
    return {
      fresh: newest.issues.filter((issue) => issue.substatus === "new"),
      // Those that were never there before come first in this order; they are new, and stand there.
      growing: rising.issues.filter((issue) => growth(issue.trend) !== undefined).slice(0, SHOWN),
      services: Object.entries(stats.by_service)
        .filter(([, errors]) => errors > 0)
        .sort(([a, x], [b, y]) => y - x || a.localeCompare(b)),
    };
  });
}
