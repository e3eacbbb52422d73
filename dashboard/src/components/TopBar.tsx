// The bar at the top: name, health of the pipeline at a glance, pause, theme.

import type { ComponentChildren } from "preact";
import type { Route } from "../state/route";
import { Icon } from "./Icon";
import { Link } from "./Link";
import type { Refresh } from "../state/useRefresh";
import type { Theme } from "../state/useTheme";

interface Props {
  view: Route["view"];
  refresh: Refresh;
  /** The last refresh failed. */
  failing: boolean;
  theme: Theme;
  onToggleTheme: () => void;
  /** The health badge. */
  children: ComponentChildren;
}

const PAGES = [
  { view: "issues", text: "Issues", parts: ["issues", "issue", "event"] },
  { view: "overview", text: "Overview", parts: ["overview"] },
  { view: "live", text: "Live", parts: ["live"] },
] as const;

export function TopBar({ view, refresh, failing, theme, onToggleTheme, children }: Props) {
  const state = refresh.paused ? "paused" : failing ? "failing" : "live";
  const word = { paused: "Paused", failing: "Retrying", live: "Fresh" }[state];
  const other: Theme = theme === "dark" ? "light" : "dark";
  return (
    <header class="topbar">
      <Link class="brand" to={{ view: "issues" }} title="logmonitor, start page">
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <rect class="brand-low" x="1" y="8" width="3" height="7" rx="0.8" />
          <rect class="brand-mid" x="6.5" y="4.5" width="3" height="10.5" rx="0.8" />
          <rect class="brand-high" x="12" y="1" width="3" height="14" rx="0.8" />
        </svg>
        <span>logmonitor</span>
      </Link>
      <nav class="pages" aria-label="Pages">
        {PAGES.map((page) => (
          <Link
            key={page.view}
            to={{ view: page.view }}
            current={(page.parts as readonly string[]).includes(view)}
          >
            {page.text}
          </Link>
        ))}
      </nav>
      <div class="topbar-tools">
        {children}
        <button
          type="button"
          class={`button live live-${state}`}
          aria-pressed={refresh.paused}
          aria-label={refresh.paused ? "Resume refreshing" : "Pause refreshing"}
          title={`${refresh.paused ? "Resume" : "Pause"} (p). Refreshes every 5 seconds.`}
          onClick={refresh.togglePause}
        >
          <Icon name={refresh.paused ? "play" : "pause"} />
          <span class="live-word">{word}</span>
        </button>
        <button
          type="button"
          class="button button-icon"
          aria-label={`Switch to ${other} colours`}
          title={`Switch to ${other} colours`}
          onClick={onToggleTheme}
        >
          <Icon name={theme === "dark" ? "sun" : "moon"} />
        </button>
      </div>
    </header>
  );
}
