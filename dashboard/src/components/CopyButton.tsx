// A button that copies a text and says for a moment that it did.

import { useEffect, useState } from "preact/hooks";
import { Icon, type IconName } from "./Icon";

interface Props {
  label: string;
  icon: IconName;
  /** Asked for only when the button is pressed. */
  text: () => string;
}

type Outcome = "idle" | "copied" | "failed";

export function CopyButton({ label, icon, text }: Props) {
  const [outcome, setOutcome] = useState<Outcome>("idle");

  useEffect(() => {
    if (outcome === "idle") return;
    const timer = setTimeout(() => setOutcome("idle"), 1_600);
    return () => clearTimeout(timer);
  }, [outcome]);

  const copy = async (): Promise<void> => {
    setOutcome((await copyText(text())) ? "copied" : "failed");
  };

  const said = outcome === "copied" ? "Copied" : outcome === "failed" ? "Not allowed" : label;
  return (
    <button
      type="button"
      class="button"
      aria-label={label}
      title={label}
      onClick={() => void copy()}
    >
      <Icon name={outcome === "copied" ? "check" : icon} />
      {/* The widest text keeps the width, so that nothing moves. */}
      <span class="steady">
        <span class="steady-size" aria-hidden="true">
          {label}
        </span>
        <span aria-live="polite">{said}</span>
      </span>
    </button>
  );
}

/** The clipboard API exists on https and localhost only; elsewhere the old way has to do. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "offscreen";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
