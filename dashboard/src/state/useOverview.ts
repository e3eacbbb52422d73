// The numbers above the list: one answer for tiles, chart and bars, so that they never disagree on the page.

import { getServices, getStats } from "../api/client";
import { statsPath } from "../api/queries";
import type { Stats } from "../api/types";
import { now } from "./clock";
import type { Filters } from "./filters";
import { HOUR_MS, aligned, boundsAt, intervalFor } from "./timeRange";
import { useResource, type Resource } from "./useResource";

export interface Overview {
  /** The chosen time range and services, to the millisecond: the same as the list counts. */
  range: Stats;
  /** The same in bars that start on whole steps of the clock, and stand still while time goes on. */
  timeline: Stats;
  /** The chosen time range, every service: a bar must not vanish because another was clicked. */
  allServices: Stats;
  pastHour: Stats;
  hourBefore: Stats;
  services: string[];
}

export function useOverview({ range, services }: Filters, tick: number): Resource<Overview> {
  const key = JSON.stringify([range, services]);
  return useResource(key, tick, async (signal) => {
    const time = now();
    const bounds = boundsAt(range, time);
    const interval = intervalFor(bounds);
    const wide = aligned(bounds, interval);
    const stats = (from: number, to: number, width: number, names: readonly string[]) =>
      getStats(statsPath({ from: Math.round(from), to: Math.round(to) }, width, names), signal);

    const length = bounds.to - bounds.from;
    const [inRange, timeline, allServices, pastHour, hourBefore, known] = await Promise.all([
      stats(bounds.from, bounds.to, length, services),
      stats(wide.from, wide.to, interval, services),
      services.length > 0 ? stats(bounds.from, bounds.to, length, []) : undefined,
      stats(time - HOUR_MS, time, HOUR_MS, services),
      stats(time - 2 * HOUR_MS, time - HOUR_MS, HOUR_MS, services),
      getServices(signal),
    ]);
    return {
      range: inRange,
      timeline,
      allServices: allServices ?? inRange,
      pastHour,
      hourBefore,
      services: known.services,
    };
  });
}
