// Numbers as a person reads them. One locale, so that a screenshot means the same to everybody.

const GROUPED = new Intl.NumberFormat("en-US");

/** 18273645 -> "18,273,645" */
export function count(value: number): string {
  return GROUPED.format(value);
}

/** 18273645 -> "18.3M": for places where the width counts more than the last digit. */
export function compact(value: number): string {
  if (value < 10_000) return count(value);
  const units: [number, string][] = [
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "k"],
  ];
  for (const [size, unit] of units) {
    // 999,950 would round to "1000k"; it belongs to the next unit.
    if (value >= size * 0.99995) return `${trimmed(value / size)}${unit}`;
  }
  return count(value);
}

/** 0.01234 -> "1.23%"; a ratio that is not zero never reads as zero. */
export function percent(ratio: number): string {
  const value = ratio * 100;
  if (value === 0) return "0%";
  if (value < 0.01) return "<0.01%";
  if (value >= 99.95) return `${Math.round(value)}%`;
  return `${value < 10 ? value.toFixed(2) : value.toFixed(1)}%`;
}

/** 1536 -> "1.5 KiB" */
export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? size : trimmed(size)} ${units[unit]}`;
}

/** How a value stands against an earlier one. */
export interface Change {
  direction: "up" | "down" | "same";
  /** "+14%", "−3", "new", "±0": what fits next to the value. */
  text: string;
}

export function change(now: number, before: number): Change {
  if (now === before) return { direction: "same", text: "±0%" };
  const direction = now > before ? "up" : "down";
  if (before === 0) return { direction, text: "from 0" };
  const ratio = now / before - 1;
  if (ratio >= 9) return { direction, text: `×${trimmed(now / before)}` };
  const rounded = Math.round(Math.abs(ratio) * 100);
  const size = rounded === 0 ? "<1" : String(rounded);
  return { direction, text: `${direction === "up" ? "+" : "−"}${size}%` };
}

function trimmed(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toFixed(1).replace(/\.0$/, "");
}
