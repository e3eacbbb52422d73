// Lines as they come: errors, or everything that is logged.

import { useMemo, useRef } from "preact/hooks";
import { Page } from "../../components/Page";
import {
  formatLiveFilters,
  parseLiveFilters,
  streamPath,
  type LiveFilters,
} from "../../state/liveFilters";
import { go } from "../../state/place";
import { isRowFocused, useRows } from "../../state/useRows";
import { useLive } from "../../state/useLive";
import { useServices } from "../../state/useServices";
import type { Shell } from "../../state/useShell";
import { LiveFilterBar } from "./LiveFilterBar";
import { LiveLines } from "./LiveLines";

export type SetLiveFilters = (
  change: Partial<LiveFilters>,
  options?: { replace?: boolean },
) => void;

const setFilters: SetLiveFilters = (change, options) => {
  const filters = { ...parseLiveFilters(location.search), ...change };
  go({ view: "live" }, formatLiveFilters(filters), options);
};

export function LiveView({ search: address, shell }: { search: string; shell: Shell }) {
  const filters = useMemo(() => parseLiveFilters(address), [address]);
  const path = streamPath(filters);
  const live = useLive(path, shell.refresh.paused);
  const services = useServices(shell.refresh.tick);
  const search = useRef<HTMLInputElement>(null);
  const { items } = live.tail;
  const keys = useMemo(
    () => items.filter((item) => item.kind === "line").map((item) => item.key),
    [items],
  );
  const rows = useRows(keys, { startId: keys.at(-1) });
  return (
    <Page
      shell={shell}
      view="live"
      title="Live"
      skip={{ to: "live-title", what: "the lines" }}
      parts={[]}
      keys={{
        "/": () => search.current?.select(),
        j: () => rows.step(1),
        k: () => rows.step(-1),
        ArrowDown: () => (isRowFocused() ? rows.step(1) : false),
        ArrowUp: () => (isRowFocused() ? rows.step(-1) : false),
        c: live.clear,
      }}
    >
      <LiveFilterBar
        filters={filters}
        services={services}
        refusal={live.error?.isRefusal === true ? live.error : undefined}
        search={search}
        onChange={setFilters}
        onLeaveDown={() => rows.step(0)}
        onHelp={() => shell.setHelp(true)}
      />
      <main class="single">
        <LiveLines
          key={path}
          live={live}
          filters={filters}
          rows={rows}
          paused={shell.refresh.paused}
          onPause={shell.refresh.togglePause}
          onChange={setFilters}
        />
      </main>
    </Page>
  );
}
