// How the histogram is drawn: stacked bars over time in the colours of the theme. No state, no page.

import uPlot from "uplot";
import { clockMinutes, clockSeconds } from "../format/time";
import { indexAt, niceTop, snapped } from "./chartMath";

/** Colours as the canvas needs them: resolved, because it knows no CSS variables. */
export interface ChartColors {
  error: string;
  critical: string;
  grid: string;
  text: string;
}

/** A drag shorter than this is a click that slipped. */
const MIN_DRAG_PX = 5;

interface Wiring {
  width: number;
  height: number;
  /** Seconds per bar, asked again at every draw. */
  intervalSeconds: () => number;
  colors: () => ChartColors;
  onHover: (index: number | undefined) => void;
  onSelect: (fromMs: number, toMs: number) => void;
}

export function chartOptions(wiring: Wiring): uPlot.Options {
  const { width, height, intervalSeconds, colors, onHover, onSelect } = wiring;
  const bars = uPlot.paths.bars?.({ size: [0.82, 48], align: 1, radius: 0.12, gap: 1 });
  const series = (pick: (colors: ChartColors) => string): uPlot.Series => ({
    ...(bars === undefined ? {} : { paths: bars }),
    fill: () => pick(colors()),
    stroke: () => pick(colors()),
    width: 0,
    points: { show: false },
  });
  return {
    width,
    height,
    padding: [8, 0, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false, dist: MIN_DRAG_PX },
      // The bar under the pointer, not the nearest edge of one.
      dataIdx: (chart, _series, _nearest, x) => indexAt(chart.data[0], x, intervalSeconds()),
    },
    scales: {
      x: { time: true, range: (_, min, max) => [min, max + intervalSeconds()] },
      y: { range: (_, __, max) => [0, niceTop(max)] },
    },
    axes: [timeAxis(colors), countAxis(colors)],
    // The critical part is drawn last, over the lower end of the total.
    series: [{}, series((c) => c.error), series((c) => c.critical)],
    hooks: {
      setCursor: [(chart) => onHover(chart.cursor.idx ?? undefined)],
      setSelect: [
        (chart) => {
          const { left, width: selected } = chart.select;
          if (selected < MIN_DRAG_PX) return;
          const from = chart.posToVal(left, "x");
          const to = chart.posToVal(left + selected, "x");
          chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          onSelect(...snapped(from, to, intervalSeconds()));
        },
      ],
    },
  };
}

/** A label closer to the right end than this would be cut off. */
const LABEL_ROOM_PX = 18;

const AXIS_FONT = "11px ui-sans-serif, system-ui, sans-serif";

function timeAxis(colors: () => ChartColors): uPlot.Axis {
  return {
    stroke: () => colors().text,
    font: AXIS_FONT,
    size: 26,
    gap: 6,
    space: 72,
    grid: { show: false },
    ticks: { show: true, stroke: () => colors().grid, width: 1, size: 4 },
    values: (chart, splits) =>
      splits.map((seconds, i) => {
        const room = chart.bbox.width / devicePixelRatio - chart.valToPos(seconds, "x");
        return room < LABEL_ROOM_PX ? "" : timeLabel(seconds, splits[i - 1]);
      }),
  };
}

/** "14:03"; the first label of a day carries the date instead. */
function timeLabel(seconds: number, previous: number | undefined): string {
  const time = new Date(seconds * 1000);
  const before = previous === undefined ? undefined : new Date(previous * 1000);
  const newDay = before !== undefined && before.getDate() !== time.getDate();
  const midnight = time.getHours() === 0 && time.getMinutes() === 0;
  if (newDay || midnight) return `${MONTHS[time.getMonth()]} ${time.getDate()}`;
  return time.getSeconds() === 0 ? clockMinutes(time) : clockSeconds(time);
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function countAxis(colors: () => ChartColors): uPlot.Axis {
  return {
    stroke: () => colors().text,
    font: AXIS_FONT,
    size: 38,
    gap: 6,
    space: 34,
    incrs: [1, 2, 5]
      .flatMap((n) => [0, 1, 2, 3, 4, 5, 6, 7].map((p) => n * 10 ** p))
      .sort((a, b) => a - b),
    grid: { stroke: () => colors().grid, width: 1 },
    ticks: { show: false },
    values: (_, splits) => splits.map((n) => (n >= 10_000 ? `${n / 1000}k` : String(n))),
  };
}
