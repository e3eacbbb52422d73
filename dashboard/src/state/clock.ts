// The time as the server sees it. A visitor's clock may be minutes off, and "the last 15 minutes" must not be empty for it.

/** The `Date` header has whole seconds; a difference below this is noise. */
const TOLERANCE_MS = 3_000;

let skewMs = 0;

/** Now, in epoch milliseconds, corrected by what the server last said. */
export function now(): number {
  return Date.now() + skewMs;
}

/** Learns from the `Date` header of an answer. */
export function noteServerTime(header: string | null): void {
  const server = header === null ? Number.NaN : Date.parse(header);
  if (Number.isNaN(server)) return;
  const difference = server - Date.now();
  skewMs = Math.abs(difference) > TOLERANCE_MS ? difference : 0;
}
