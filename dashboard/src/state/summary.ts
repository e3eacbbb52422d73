// What the tiles and bars show, computed from the statistics. Pure.

import type { ErrorLevel, Stats } from "../api/types";
import { isAllLevels } from "./filters";

/** Errors among all records of a stretch of time. */
export interface Rate {
  errors: number;
  criticals: number;
  logs: number;
  /** `undefined` when nothing was logged at all: no logs is not "no errors". */
  ratio: number | undefined;
}

export function rateOf(stats: Stats): Rate {
  const errors = stats.total_errors;
  const logs = stats.logs.total;
  return {
    errors,
    criticals: stats.by_level["CRITICAL"] ?? 0,
    logs,
    ratio: logs > 0 ? Math.min(1, errors / logs) : undefined,
  };
}

/** One bar of "errors by service". */
export interface ServiceBar {
  name: string;
  errors: number;
  /** Share of the longest bar, 0..1. */
  share: number;
  ratio: number | undefined;
}

/** Services with errors first, the most first; then, by name, what is known but quiet, and what is selected. */
export function serviceBars(
  stats: Stats | undefined,
  known: readonly string[],
  selected: readonly string[],
): ServiceBar[] {
  const errors = stats?.by_service ?? {};
  const logs = stats?.logs.by_service ?? {};
  const names = [...new Set([...Object.keys(errors), ...known, ...selected])];
  const most = Math.max(1, ...Object.values(errors));
  return names
    .map((name) => {
      const n = errors[name] ?? 0;
      const all = Object.values(logs[name] ?? {}).reduce((sum, value) => sum + value, 0);
      const ratio = all > 0 ? Math.min(1, n / all) : undefined;
      return { name, errors: n, share: n / most, ratio };
    })
    .sort((a, b) => b.errors - a.errors || a.name.localeCompare(b.name));
}

/** The histogram's columns, as the chart wants them: stacked, so `totals` contains `criticals`. */
export interface Columns {
  /** Start of each bar in epoch seconds. */
  times: number[];
  totals: number[];
  criticals: number[];
}

/** Columns of the wanted levels. A level that is filtered out counts as nothing. */
export function columns(stats: Stats, levels: readonly ErrorLevel[]): Columns {
  const all = isAllLevels(levels);
  const { buckets } = stats.timeline;
  const wants = (level: ErrorLevel): boolean => all || levels.includes(level);
  const criticals = buckets.map((bucket) => (wants("CRITICAL") ? (bucket.CRITICAL ?? 0) : 0));
  return {
    times: buckets.map((bucket) => bucket.time_ms / 1000),
    criticals,
    totals: buckets.map(
      (bucket, i) => (wants("ERROR") ? (bucket.ERROR ?? 0) : 0) + (criticals[i] ?? 0),
    ),
  };
}
