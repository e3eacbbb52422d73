// Filters that have no control of their own: each shown, each removable.

import type { Filters } from "../state/filters";
import { Icon } from "./Icon";

interface Props {
  filters: Filters;
  onChange: (change: Partial<Filters>) => void;
}

export function FilterChips({ filters, onChange }: Props) {
  const chips: { text: string; remove: () => void }[] = [];
  if (filters.traceId !== "") {
    chips.push({ text: `trace ${filters.traceId}`, remove: () => onChange({ traceId: "" }) });
  }
  if (filters.issue !== "") {
    chips.push({ text: `issue ${filters.issue}`, remove: () => onChange({ issue: "" }) });
  }
  if (chips.length === 0) return null;
  return (
    <ul class="chips" aria-label="Further filters">
      {chips.map((chip) => (
        <li key={chip.text} class="chip">
          <span class="ellipsis">{chip.text}</span>
          <button type="button" aria-label={`Remove ${chip.text}`} onClick={chip.remove}>
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}
