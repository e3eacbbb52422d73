// A button with a small panel below it.

import type { ComponentChildren } from "preact";
import { usePopover } from "../state/usePopover";
import { Icon } from "./Icon";

interface Props {
  text: string;
  label?: string;
  disabled?: boolean;
  class?: string;
  children: (close: () => void) => ComponentChildren;
}

export function Menu({ text, label = text, disabled = false, children, ...rest }: Props) {
  const popover = usePopover();
  return (
    <div class="popover-root" ref={popover.root}>
      <button
        type="button"
        ref={popover.button}
        class={rest.class ?? "button"}
        disabled={disabled}
        aria-expanded={popover.open}
        aria-haspopup="true"
        aria-label={label}
        onClick={popover.toggle}
      >
        {text !== "" && <span>{text}</span>}
        <Icon name="chevron" />
      </button>
      {popover.open && (
        <div class="popover menu" role="group" aria-label={label}>
          {children(() => {
            popover.close();
            popover.button.current?.focus();
          })}
        </div>
      )}
    </div>
  );
}
