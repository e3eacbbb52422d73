// What the live page follows, and its form in the address: the words of the API. Pure.

import { LEVELS, type LogLevel } from "../api/types";
import { readable } from "../format/address";
import { items } from "./issueFilters";

export interface LiveFilters {
  /** `errors`: as they are stored; `all`: every line of the logs topic. */
  scope: "errors" | "all";
  services: string[];
  /** This level and everything worse; TRACE is no condition. */
  level: LogLevel;
  q: string;
  traceId: string;
}

export const NO_LIVE_FILTERS: LiveFilters = {
  scope: "errors",
  services: [],
  level: "TRACE",
  q: "",
  traceId: "",
};

export function parseLiveFilters(search: string): LiveFilters {
  const query = new URLSearchParams(search);
  const levels = items(query.get("level")?.toUpperCase());
  return {
    scope: query.get("scope") === "all" ? "all" : "errors",
    services: items(query.get("service")),
    level: LEVELS.find((level) => levels.includes(level)) ?? "TRACE",
    q: query.get("q") ?? "",
    traceId: query.get("trace_id") ?? "",
  };
}

export function formatLiveFilters(filters: LiveFilters): string {
  const text = readable(parameters(filters));
  return text === "" ? "" : `?${text}`;
}

/** The stream of these filters. */
export function streamPath(filters: LiveFilters): string {
  const query = readable(parameters(filters));
  return query === "" ? "api/v1/logs/stream" : `api/v1/logs/stream?${query}`;
}

function parameters({ scope, services, level, q, traceId }: LiveFilters): URLSearchParams {
  const query = new URLSearchParams();
  if (scope === "all") query.set("scope", scope);
  if (services.length > 0) query.set("service", services.join(","));
  const wanted = levelsFrom(level, scope);
  if (wanted.length > 0) query.set("level", wanted.join(","));
  if (q.trim() !== "") query.set("q", q.trim());
  if (traceId !== "") query.set("trace_id", traceId);
  return query;
}

/** Every level from this one on; none where that is no condition. */
function levelsFrom(level: LogLevel, scope: LiveFilters["scope"]): LogLevel[] {
  const from = LEVELS.indexOf(level);
  const first = scope === "all" ? 0 : LEVELS.indexOf("ERROR");
  return from <= first ? [] : LEVELS.slice(from);
}
