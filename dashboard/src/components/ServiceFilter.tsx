// A menu with a tick for every service.

import { toggled } from "../state/filters";
import { usePopover } from "../state/usePopover";
import { Icon } from "./Icon";

interface Props {
  known: readonly string[];
  selected: readonly string[];
  onChange: (services: string[]) => void;
}

export function ServiceFilter({ known, selected, onChange }: Props) {
  const popover = usePopover();
  const names = [...new Set([...known, ...selected])].sort((a, b) => a.localeCompare(b));
  return (
    <div class="popover-root" ref={popover.root}>
      <button
        type="button"
        ref={popover.button}
        class={selected.length > 0 ? "button active" : "button"}
        aria-expanded={popover.open}
        aria-haspopup="true"
        aria-label="Services"
        onClick={popover.toggle}
      >
        <span class="ellipsis">{summary(selected)}</span>
        <Icon name="chevron" />
      </button>
      {popover.open && (
        <div class="popover service-menu" role="group" aria-label="Services">
          {names.length === 0 && <p class="card-note">No service has logged yet.</p>}
          {names.map((name) => (
            <label key={name} class="menu-item">
              <input
                type="checkbox"
                checked={selected.includes(name)}
                onChange={() => onChange(toggled(selected, name))}
              />
              <span class="ellipsis">{name}</span>
            </label>
          ))}
          {selected.length > 0 && (
            <button type="button" class="menu-item menu-reset" onClick={() => onChange([])}>
              All services
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function summary(selected: readonly string[]): string {
  if (selected.length === 0) return "All services";
  return selected.length === 1 ? (selected[0] ?? "") : `${selected.length} services`;
}
