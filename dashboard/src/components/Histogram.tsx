// Errors over time. Dragging over the chart narrows the time range.

import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { count } from "../format/number";
import {
  clockMinutes,
  clockSeconds,
  dayAndMinutes,
  intervalInWords,
  sameDay,
} from "../format/time";
import type { Columns } from "../state/summary";
import { chartOptions, type ChartColors } from "./chartOptions";

interface Props {
  columns: Columns | undefined;
  intervalMs: number;
  /** Part of the theme's name; the chart is painted again when it changes. */
  theme: string;
  /** What the chart does not take into account, in words. */
  note: string | undefined;
  dimmed: boolean;
  onSelect: (from: number, to: number) => void;
}

const HEIGHT = 168;

export function Histogram({ columns, intervalMs, theme, note, dimmed, onSelect }: Props) {
  const [hover, setHover] = useState<number | undefined>(undefined);
  const host = useRef<HTMLDivElement>(null);
  const wiring = useRef({ interval: 1, colors: undefined as ChartColors | undefined, onSelect });
  wiring.current.interval = intervalMs / 1000;
  wiring.current.onSelect = onSelect;
  const chart = useRef<uPlot | undefined>(undefined);

  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const created = new uPlot(
      chartOptions({
        width: Math.max(element.clientWidth, 200),
        height: HEIGHT,
        intervalSeconds: () => wiring.current.interval,
        colors: () => (wiring.current.colors ??= readColors(element)),
        onHover: setHover,
        onSelect: (from, to) => wiring.current.onSelect(from, to),
      }),
      [[], [], []],
      element,
    );
    chart.current = created;
    const resizing = new ResizeObserver(() => {
      const width = Math.max(element.clientWidth, 200);
      if (width !== created.width) created.setSize({ width, height: HEIGHT });
    });
    resizing.observe(element);
    return () => {
      resizing.disconnect();
      created.destroy();
      chart.current = undefined;
    };
  }, []);

  useEffect(() => {
    if (columns !== undefined) {
      chart.current?.setData([columns.times, columns.totals, columns.criticals]);
    }
  }, [columns]);

  useEffect(() => {
    wiring.current.colors = undefined;
    chart.current?.redraw(false);
  }, [theme]);

  return (
    <section class="card chart" aria-labelledby="chart-title">
      <header class="card-head">
        <h2 id="chart-title">Errors over time</h2>
        <Readout columns={columns} hover={hover} intervalMs={intervalMs} note={note} />
      </header>
      <div class={dimmed ? "chart-host dimmed" : "chart-host"}>
        <div ref={host} role="img" aria-label={spoken(columns)} />
      </div>
    </section>
  );
}

interface ReadoutProps {
  columns: Columns | undefined;
  hover: number | undefined;
  intervalMs: number;
  note: string | undefined;
}

function Readout({ columns, hover, intervalMs, note }: ReadoutProps) {
  const at = hover === undefined ? undefined : columns?.times[hover];
  const one = columns !== undefined && hover !== undefined && at !== undefined;
  const criticals = one ? (columns.criticals[hover] ?? 0) : sum(columns?.criticals);
  const errors = (one ? (columns.totals[hover] ?? 0) : sum(columns?.totals)) - criticals;
  return (
    <div class="readout">
      <span class={one ? "readout-time" : "readout-time readout-hint"}>
        {one
          ? span(at * 1000, intervalMs)
          : (note ?? `per ${perWords(intervalMs)}, drag to narrow`)}
      </span>
      <span class="key key-error">
        Error <b>{count(errors)}</b>
      </span>
      <span class="key key-critical">
        Critical <b>{count(criticals)}</b>
      </span>
    </div>
  );
}

function span(start: number, intervalMs: number): string {
  const from = new Date(start);
  const to = new Date(start + intervalMs);
  const text = intervalMs < 60_000 ? clockSeconds : clockMinutes;
  const head = sameDay(from, new Date()) ? text(from) : dayAndMinutes(from);
  return `${head} – ${sameDay(from, to) ? text(to) : dayAndMinutes(to)}`;
}

function perWords(intervalMs: number): string {
  return intervalInWords(intervalMs).replace(/^1 /, "");
}

function spoken(columns: Columns | undefined): string {
  if (columns === undefined || columns.times.length === 0) return "Errors over time, no data yet";
  const peak = Math.max(...columns.totals);
  const at = new Date((columns.times[columns.totals.indexOf(peak)] ?? 0) * 1000);
  const total = `${count(sum(columns.totals))} errors, ${count(sum(columns.criticals))} critical`;
  return peak === 0
    ? "Errors over time: none"
    : `Errors over time: ${total}; most of them, ${count(peak)}, at ${dayAndMinutes(at)}`;
}

function sum(values: readonly number[] | undefined): number {
  return values?.reduce((total, value) => total + value, 0) ?? 0;
}

/** Lets the browser resolve the theme's colours on an element that shows nothing. */
function readColors(host: HTMLElement): ChartColors {
  const probe = document.createElement("span");
  host.append(probe);
  const resolve = (name: string): string => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const colors = {
    error: resolve("--error"),
    critical: resolve("--critical"),
    grid: resolve("--line"),
    text: resolve("--text-3"),
  };
  probe.remove();
  return colors;
}
