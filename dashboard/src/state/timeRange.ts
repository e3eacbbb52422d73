// Time ranges: the presets, a custom one, and the buckets a histogram of either gets. Pure; `now` is an argument.

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Either a preset that moves with the clock, or two fixed ends. */
export type TimeRange =
  { kind: "last"; preset: Preset } | { kind: "between"; from: number; to: number };

export type Preset = "15m" | "1h" | "6h" | "24h" | "7d";

/** Two ends in epoch milliseconds; `to` is not part of it. */
export interface Bounds {
  from: number;
  to: number;
}

export const PRESETS: readonly Preset[] = ["15m", "1h", "6h", "24h", "7d"];

export const DEFAULT_PRESET: Preset = "1h";

export const HOUR_MS = HOUR;

const LENGTH_MS: Record<Preset, number> = {
  "15m": 15 * MINUTE,
  "1h": HOUR,
  "6h": 6 * HOUR,
  "24h": DAY,
  "7d": 7 * DAY,
};

const WORDS: Record<Preset, string> = {
  "15m": "the last 15 minutes",
  "1h": "the last hour",
  "6h": "the last 6 hours",
  "24h": "the last 24 hours",
  "7d": "the last 7 days",
};

/** Widths a bar may have: steps of the clock that a person expects. */
const INTERVALS_MS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 28].map((n) => n * DAY),
];

/** More bars than this turn into a hairbrush. */
const MAX_BUCKETS = 90;

export function isPreset(text: string): text is Preset {
  return (PRESETS as readonly string[]).includes(text);
}

/** Where the range starts and ends, at `now`. */
export function boundsAt(range: TimeRange, now: number): Bounds {
  if (range.kind === "between") return { from: range.from, to: range.to };
  return { from: now - LENGTH_MS[range.preset], to: now };
}

/** The width of one bar for a range of this length. */
export function intervalFor(bounds: Bounds): number {
  const length = Math.max(bounds.to - bounds.from, SECOND);
  return INTERVALS_MS.find((interval) => length / interval <= MAX_BUCKETS) ?? 28 * DAY;
}

/** Widens to whole intervals, so that bars stand still while the clock moves inside one of them. */
export function aligned(bounds: Bounds, intervalMs: number): Bounds {
  return {
    from: Math.floor(bounds.from / intervalMs) * intervalMs,
    to: Math.ceil(bounds.to / intervalMs) * intervalMs,
  };
}

/** The `from` and `to` parameters, the same in the page's address and in the API's. */
export function boundParameters(range: TimeRange): Record<string, string> {
  if (range.kind === "last") return { from: `-${range.preset}` };
  return { from: new Date(range.from).toISOString(), to: new Date(range.to).toISOString() };
}

/** Reads `from` and `to` of the page's address. What makes no sense is the default. */
export function rangeFromParameters(from: string | null, to: string | null): TimeRange {
  const fallback: TimeRange = { kind: "last", preset: DEFAULT_PRESET };
  if (from === null) return fallback;
  const preset = /^(?:now)?-(\w+)$/.exec(from)?.[1];
  if (preset !== undefined && (to === null || to === "now")) {
    return isPreset(preset) ? { kind: "last", preset } : fallback;
  }
  return between(parseTime(from), to === null ? Number.NaN : parseTime(to)) ?? fallback;
}

/** A fixed range, if both ends are times in the right order. */
export function between(from: number, to: number): TimeRange | undefined {
  return Number.isFinite(from) && Number.isFinite(to) && from < to
    ? { kind: "between", from, to }
    : undefined;
}

/** "the last 15 minutes", or "this range" for a fixed one: to end a sentence with. */
export function rangeInWords(range: TimeRange): string {
  return range.kind === "last" ? WORDS[range.preset] : "this time range";
}

function parseTime(text: string): number {
  return /^\d{10,}$/.test(text) ? Number(text) : Date.parse(text);
}
