// Presets of the time range, and a small form for any other.

import { useState } from "preact/hooks";
import { now } from "../state/clock";
import { PRESETS, between, boundsAt, type Preset, type TimeRange } from "../state/timeRange";
import { usePopover } from "../state/usePopover";
import { dayAndMinutes, clockMinutes, sameDay, toInputValue } from "../format/time";
import { Segmented } from "./Segmented";

interface Props {
  range: TimeRange;
  onChange: (range: TimeRange) => void;
}

export function RangePicker({ range, onChange }: Props) {
  const popover = usePopover();
  const custom = range.kind === "between";
  return (
    <div class="range">
      <Segmented<Preset>
        label="Time range"
        options={PRESETS.map((preset) => ({
          value: preset,
          text: preset,
          title: `Last ${preset}`,
        }))}
        value={range.kind === "last" ? range.preset : undefined}
        onChoose={(preset) => onChange({ kind: "last", preset })}
      />
      <div class="popover-root" ref={popover.root}>
        <button
          type="button"
          ref={popover.button}
          class={custom ? "button active" : "button"}
          aria-expanded={popover.open}
          aria-label="Custom time range"
          onClick={popover.toggle}
        >
          {custom ? label(range.from, range.to) : "Custom"}
        </button>
        {popover.open && (
          <RangeForm
            range={range}
            onApply={(chosen) => {
              onChange(chosen);
              popover.close();
            }}
          />
        )}
      </div>
    </div>
  );
}

function RangeForm({ range, onApply }: { range: TimeRange; onApply: (range: TimeRange) => void }) {
  const bounds = boundsAt(range, now());
  const [from, setFrom] = useState(toInputValue(new Date(bounds.from)));
  const [to, setTo] = useState(toInputValue(new Date(bounds.to)));
  const chosen = between(Date.parse(from), Date.parse(to));

  const submit = (event: Event): void => {
    event.preventDefault();
    if (chosen !== undefined) onApply(chosen);
  };

  return (
    <form class="popover range-form" aria-label="Custom time range" onSubmit={submit}>
      <label>
        From
        <input
          type="datetime-local"
          step="1"
          value={from}
          onInput={(event) => setFrom(event.currentTarget.value)}
        />
      </label>
      <label>
        To
        <input
          type="datetime-local"
          step="1"
          value={to}
          onInput={(event) => setTo(event.currentTarget.value)}
        />
      </label>
      <p class="form-error" role="alert">
        {chosen === undefined ? "“From” must be before “To”." : ""}
      </p>
      <button type="submit" class="button button-primary" disabled={chosen === undefined}>
        Apply
      </button>
    </form>
  );
}

function label(from: number, to: number): string {
  const start = new Date(from);
  const end = new Date(to);
  const until = sameDay(start, end) ? clockMinutes(end) : dayAndMinutes(end);
  return `${dayAndMinutes(start)} – ${until}`;
}
