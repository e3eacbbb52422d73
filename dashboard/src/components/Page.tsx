// The frame of every page: the bar at the top, what is in between, what went wrong, the keys that work everywhere.

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { freshness, type Part } from "../state/freshness";
import { go } from "../state/place";
import type { Route } from "../state/route";
import { useShortcuts, type Shortcuts } from "../state/useShortcuts";
import type { Shell } from "../state/useShell";
import { HealthBadge } from "./HealthBadge";
import { HelpDialog } from "./HelpDialog";
import { RefreshNotice } from "./RefreshNotice";
import { TopBar } from "./TopBar";

interface Props {
  shell: Shell;
  /** The page that the bar marks. */
  view: Route["view"];
  title: string;
  /** Where "skip" leads, and to what. */
  skip: { to: string; what: string };
  /** What was loaded: the notice speaks of the part that fails. */
  parts: readonly Part[];
  keys: Shortcuts;
  children: ComponentChildren;
}

export function Page({ shell, view, title, skip, parts, keys, children }: Props) {
  const { refresh, pipeline } = shell;
  const { error, since } = freshness([...parts, pipeline]);
  useEffect(() => {
    document.title = `${title} · logmonitor`;
  }, [title]);
  useShortcuts({
    p: refresh.togglePause,
    R: refresh.refreshNow,
    "?": () => shell.setHelp(true),
    ...keys,
  });
  return (
    <>
      <a class="skip" href={`#${skip.to}`} onClick={(event) => skipTo(event, skip.to)}>
        Skip to {skip.what}
      </a>
      <TopBar
        view={view}
        refresh={refresh}
        failing={error !== undefined}
        theme={shell.theme}
        onToggleTheme={shell.toggleTheme}
      >
        <HealthBadge pipeline={pipeline} onOpen={showPipeline} />
      </TopBar>
      {children}
      <RefreshNotice
        error={error}
        since={since}
        paused={refresh.paused}
        onRetry={refresh.refreshNow}
      />
      {shell.help && <HelpDialog onClose={() => shell.setHelp(false)} />}
    </>
  );
}

/** The fragment stays out of the address, which is the view's. */
function skipTo(event: Event, id: string): void {
  event.preventDefault();
  const target = document.getElementById(id);
  if (target !== null) target.tabIndex = -1;
  target?.focus();
  target?.scrollIntoView();
}

function showPipeline(): void {
  if (document.getElementById("pipeline") === null) go({ view: "overview" });
  requestAnimationFrame(() => {
    const card = document.getElementById("pipeline");
    card?.scrollIntoView({ block: "center" });
    card?.focus({ preventScroll: true });
  });
}
