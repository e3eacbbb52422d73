// The totals: for the chosen range, and the past hour against the hour before.

import { change, compact, count, percent } from "../format/number";
import { rateOf } from "../state/summary";
import type { Overview } from "../state/useOverview";

interface Props {
  overview: Overview | undefined;
  dimmed: boolean;
}

export function StatStrip({ overview, dimmed }: Props) {
  const range = overview && rateOf(overview.range);
  const past = overview && rateOf(overview.pastHour);
  const before = overview && rateOf(overview.hourBefore);
  return (
    <section class={dimmed ? "card stats dimmed" : "card stats"} aria-label="Totals">
      <Tile label="Errors" value={range?.errors} past={past?.errors} before={before?.errors} />
      <Tile
        label="Critical"
        value={range?.criticals}
        past={past?.criticals}
        before={before?.criticals}
        critical
      />
      <Tile
        label="Error ratio"
        value={range?.ratio}
        past={past?.ratio}
        before={before?.ratio}
        format={percent}
        exact={(ratio) => `${(ratio * 100).toFixed(4)}% of all records`}
      />
      <Tile
        label="Logs seen"
        value={range?.logs}
        past={past?.logs}
        before={before?.logs}
        format={compact}
        neutral
      />
    </section>
  );
}

interface TileProps {
  label: string;
  value: number | undefined;
  past: number | undefined;
  before: number | undefined;
  format?: (value: number) => string;
  exact?: (value: number) => string;
  /** More is neither good nor bad. */
  neutral?: boolean;
  critical?: boolean;
}

function Tile(props: TileProps) {
  const { label, value, past, before, format = count, exact = count } = props;
  const alarming = props.critical === true && (value ?? 0) > 0;
  return (
    <div class="tile">
      <h2 class="tile-label">{label}</h2>
      <p
        class={alarming ? "tile-value is-critical" : "tile-value"}
        title={value === undefined ? undefined : exact(value)}
      >
        {value === undefined ? "–" : format(value)}
      </p>
      <p class="tile-note">
        {past !== undefined && before !== undefined ? (
          <>
            <Delta past={past} before={before} neutral={props.neutral === true} />
            <span class="tile-compare">
              {format(past)} past hour, {format(before)} before
            </span>
          </>
        ) : (
          <span class="tile-compare">
            {past === undefined ? "Nothing logged in the past hour" : `${format(past)} past hour`}
          </span>
        )}
      </p>
    </div>
  );
}

function Delta({ past, before, neutral }: { past: number; before: number; neutral: boolean }) {
  const { direction, text } = change(past, before);
  const kind = neutral || direction === "same" ? "flat" : direction;
  return (
    <span class={`delta delta-${kind}`} title="The past hour against the hour before">
      {text}
    </span>
  );
}
