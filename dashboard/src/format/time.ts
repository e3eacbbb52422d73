// Times and durations as text, in the reader's own time zone.

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const DATE = new Intl.DateTimeFormat("en-US", { weekday: "short", month: "short", day: "numeric" });
const SHORT_DATE = new Intl.DateTimeFormat("en-US", { month: "short", day: "numeric" });

/** "14:03:22.512" */
export function clock(time: Date): string {
  return `${clockSeconds(time)}.${pad(time.getMilliseconds(), 3)}`;
}

/** "14:03:22" */
export function clockSeconds(time: Date): string {
  return `${clockMinutes(time)}:${pad(time.getSeconds())}`;
}

/** "14:03" */
export function clockMinutes(time: Date): string {
  return `${pad(time.getHours())}:${pad(time.getMinutes())}`;
}

/** "Fri, Nov 20" */
export function day(time: Date): string {
  return DATE.format(time);
}

/** "Nov 20 14:03" */
export function dayAndMinutes(time: Date): string {
  return `${SHORT_DATE.format(time)} ${clockMinutes(time)}`;
}

/** "Nov 20 14:03:22" */
export function dayAndSeconds(time: Date): string {
  return `${SHORT_DATE.format(time)} ${clockSeconds(time)}`;
}

/** Whether two times fall on the same day here. */
export function sameDay(a: Date, b: Date): boolean {
  return a.toDateString() === b.toDateString();
}

/** 200 -> "200 ms", 4210 -> "4.2 s", 95000 -> "1 min 35 s": two units at most. */
export function duration(ms: number): string {
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10 * SECOND) return `${(ms / SECOND).toFixed(1).replace(/\.0$/, "")} s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return twoUnits(ms, MINUTE, "min", SECOND, "s");
  if (ms < DAY) return twoUnits(ms, HOUR, "h", MINUTE, "min");
  return twoUnits(ms, DAY, "d", HOUR, "h");
}

/** How long ago, in one unit: "now", "12 s", "4 min", "3 h", "6 d". */
export function age(ms: number): string {
  if (ms < 2 * SECOND) return "now";
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} d`;
}

/** The same as a phrase: "just now", "4 min ago". */
export function ago(ms: number): string {
  const text = age(ms);
  return text === "now" ? "just now" : `${text} ago`;
}

/** How far from a moment: "-1.2 s", "+40 ms". */
export function fromError(ms: number): string {
  return `${ms < 0 ? "\u2212" : "+"}${duration(Math.abs(ms))}`;
}

/** The width of a bar in words: "10 seconds", "1 minute", "2 hours". */
export function intervalInWords(ms: number): string {
  const units: [number, string][] = [
    [DAY, "day"],
    [HOUR, "hour"],
    [MINUTE, "minute"],
    [SECOND, "second"],
  ];
  const [size, name] = units.find(([unit]) => ms % unit === 0) ?? [1, "millisecond"];
  const n = ms / size;
  return n === 1 ? `1 ${name}` : `${n} ${name}s`;
}

/** The value a `datetime-local` input takes: local time, to the second. */
export function toInputValue(time: Date): string {
  const date = `${pad(time.getFullYear(), 4)}-${pad(time.getMonth() + 1)}-${pad(time.getDate())}`;
  return `${date}T${clockSeconds(time)}`;
}

function twoUnits(ms: number, big: number, bigName: string, small: number, smallName: string) {
  const rest = Math.floor((ms % big) / small);
  const head = `${Math.floor(ms / big)} ${bigName}`;
  return rest === 0 ? head : `${head} ${rest} ${smallName}`;
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, "0");
}
