// The arithmetic of the histogram, apart from the library that draws it. Pure.

/** A quiet service must not look like a storm: the axis never ends below this. */
const MIN_TOP = 4;

/** Widens a dragged range (seconds) to whole bars, in milliseconds. */
export function snapped(from: number, to: number, interval: number): [number, number] {
  const start = Math.floor(from / interval) * interval;
  const end = Math.max(Math.ceil(to / interval) * interval, start + interval);
  return [Math.round(start * 1000), Math.round(end * 1000)];
}

/** The bar that covers `x`; the last one when `x` is beyond. */
export function indexAt(times: ArrayLike<number>, x: number, interval: number): number {
  const first = times[0] ?? 0;
  return Math.min(Math.max(Math.floor((x - first) / interval), 0), Math.max(times.length - 1, 0));
}

/** The end of the count axis: a round number at or above `max`. */
export function niceTop(max: number): number {
  if (!(max > MIN_TOP)) return MIN_TOP;
  const power = 10 ** Math.floor(Math.log10(max));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((n) => Math.ceil(n * power) >= max) ?? 10;
  return Math.ceil(step * power);
}
