// Errors by service. A click narrows everything to that service, another one widens again.

import { useState } from "preact/hooks";
import { count, percent } from "../format/number";
import { toggled } from "../state/filters";
import type { ServiceBar } from "../state/summary";

interface Props {
  bars: readonly ServiceBar[] | undefined;
  selected: readonly string[];
  dimmed: boolean;
  onChange: (services: string[]) => void;
}

/** More services than this are shown on request. */
const SHORT = 8;

export function ServiceBars({ bars, selected, dimmed, onChange }: Props) {
  const [all, setAll] = useState(false);
  const shown = all ? bars : bars?.filter((bar, i) => i < SHORT || selected.includes(bar.name));
  const hidden = (bars?.length ?? 0) - (shown?.length ?? 0);
  return (
    <section class="card" aria-labelledby="services-title">
      <header class="card-head">
        <h2 id="services-title">Errors by service</h2>
        {selected.length > 0 && (
          <button type="button" class="link" onClick={() => onChange([])}>
            Show all
          </button>
        )}
      </header>
      {bars?.length === 0 && <p class="card-note">No service has logged yet.</p>}
      <ul class={dimmed ? "bars dimmed" : "bars"}>
        {shown?.map((bar) => (
          <Bar
            key={bar.name}
            bar={bar}
            pressed={selected.includes(bar.name)}
            faded={selected.length > 0 && !selected.includes(bar.name)}
            onClick={() => onChange(toggled(selected, bar.name))}
          />
        ))}
      </ul>
      {(hidden > 0 || all) && (
        <button type="button" class="link bars-more" onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `Show ${hidden} more`}
        </button>
      )}
    </section>
  );
}

interface BarProps {
  bar: ServiceBar;
  pressed: boolean;
  faded: boolean;
  onClick: () => void;
}

function Bar({ bar, pressed, faded, onClick }: BarProps) {
  const ratio = bar.ratio === undefined ? "" : percent(bar.ratio);
  return (
    <li>
      <button
        type="button"
        class={faded ? "bar faded" : "bar"}
        aria-pressed={pressed}
        title={ratio === "" ? bar.name : `${bar.name}: ${ratio} of its records are errors`}
        onClick={onClick}
      >
        <span class="bar-name">{bar.name}</span>
        <span class="bar-ratio">{ratio}</span>
        <span class="bar-count">{count(bar.errors)}</span>
        <span class="bar-track" aria-hidden="true">
          <span class="bar-fill" style={{ transform: `scaleX(${bar.share})` }} />
        </span>
      </button>
    </li>
  );
}
