// The last 24 hours of one issue, hour by hour.

import { count } from "../format/number";
import { clockMinutes, dayAndMinutes } from "../format/time";
import type { Trend } from "../api/types";

interface Props {
  trend: Trend;
  level: string;
  /** The time of the server: the last bar is its current interval. */
  now: number;
}

export function TrendChart({ trend, level, now }: Props) {
  const { counts, interval_ms: width } = trend;
  const most = Math.max(1, ...counts);
  const end = Math.floor(now / width) * width;
  const startOf = (i: number): Date => new Date(end - (counts.length - 1 - i) * width);
  const total = counts.reduce((sum, n) => sum + n, 0);
  return (
    <section class="card trend" aria-labelledby="trend-title">
      <header class="card-head">
        <h2 id="trend-title">Last {counts.length} hours</h2>
        <span class="list-count">
          {count(total)} {total === 1 ? "error" : "errors"}
          {total > 0 && `, at most ${count(most)} in an hour`}
        </span>
      </header>
      <ol class={`trend-bars trend-${level.toLowerCase()}`}>
        {counts.map((n, i) => (
          <li key={i} title={`${dayAndMinutes(startOf(i))}: ${count(n)}`}>
            <span
              class="trend-bar"
              style={{ height: n === 0 ? "0" : `max(3px, ${(n / most) * 100}%)` }}
            />
            <span class="hidden">
              {clockMinutes(startOf(i))}: {n}
            </span>
          </li>
        ))}
      </ol>
      <div class="trend-axis" aria-hidden="true">
        {[0, 6, 12, 18].map((i) => (
          <span key={i}>{clockMinutes(startOf(i))}</span>
        ))}
        <span>now</span>
      </div>
    </section>
  );
}
