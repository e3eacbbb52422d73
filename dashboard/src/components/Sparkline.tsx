// The last 24 hours of an issue in the height of a line: one bar per hour.

import { memo } from "./memo";
import { count } from "../format/number";

const WIDTH = 5;
const HEIGHT = 26;

export const Sparkline = memo(function Sparkline({ counts }: { counts: readonly number[] }) {
  const total = counts.reduce((sum, n) => sum + n, 0);
  const label = `${count(total)} in the last ${counts.length} hours, at most ${count(Math.max(0, ...counts))} in one`;
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${counts.length * WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      <path class="spark-base" d={`M0 ${HEIGHT - 0.5}h${counts.length * WIDTH}`} />
      <path class="spark-bars" d={sparkPath(counts)} />
    </svg>
  );
});

/** Every bar as one path. A single error among thousands is still to be seen. */
export function sparkPath(counts: readonly number[]): string {
  const most = Math.max(1, ...counts);
  return counts
    .map((n, i) => {
      if (n <= 0) return "";
      const height = Math.max(2.5, (n / most) * HEIGHT);
      return `M${i * WIDTH} ${HEIGHT}v${-Math.round(height * 10) / 10}h${WIDTH - 1}V${HEIGHT}z`;
    })
    .join("");
}
