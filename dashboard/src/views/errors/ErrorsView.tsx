// The page of errors: connects what is asked for (address), what is known (API) and what is shown.

import { useCallback, useRef, useState } from "preact/hooks";
import { curlCommand } from "../../api/curl";
import { CopyButton } from "../../components/CopyButton";
import { EmptyList } from "../../components/EmptyList";
import { ErrorList } from "../../components/ErrorList";
import { EventPanel } from "../../components/EventPanel";
import { HealthBadge } from "../../components/HealthBadge";
import { HelpDialog } from "../../components/HelpDialog";
import { PipelineCard } from "../../components/PipelineCard";
import { RefreshNotice } from "../../components/RefreshNotice";
import { TopBar } from "../../components/TopBar";
import { NO_FILTERS } from "../../state/filters";
import { withTerm } from "../../state/searchTerm";
import { useErrorList } from "../../state/useErrorList";
import { useEvent } from "../../state/useEvent";
import { useOverview } from "../../state/useOverview";
import { usePipeline } from "../../state/usePipeline";
import { useRefresh } from "../../state/useRefresh";
import { useShortcuts } from "../../state/useShortcuts";
import { useTheme } from "../../state/useTheme";
import { useView } from "../../state/useView";
import { FilterBar } from "./FilterBar";
import { OverviewCharts } from "./OverviewCharts";
import { freshness } from "./freshness";
import { focusRow, isRowFocused, useListNavigation } from "./useListNavigation";

export function ErrorsView() {
  const { filters, eventId, setFilters, openEvent } = useView();
  const refresh = useRefresh();
  const { theme, toggleTheme } = useTheme();
  const list = useErrorList(filters, refresh.tick);
  const overview = useOverview(filters, refresh.tick);
  const pipeline = usePipeline(refresh.tick);
  const errors = list.data?.errors ?? [];
  const open = useEvent(eventId, errors);
  const navigation = useListNavigation(errors, eventId, openEvent, list.loadOlder);
  const [help, setHelp] = useState(false);
  const search = useRef<HTMLInputElement>(null);

  const closeEvent = useCallback(() => {
    openEvent(undefined);
    if (eventId !== undefined) focusRow(eventId);
  }, [eventId]);
  const showPipeline = useCallback(() => {
    const card = document.getElementById("pipeline");
    card?.scrollIntoView({ block: "center" });
    card?.focus({ preventScroll: true });
  }, []);

  useShortcuts({
    "/": () => search.current?.select(),
    j: () => navigation.step(1),
    k: () => navigation.step(-1),
    ArrowDown: () => (isRowFocused() ? navigation.step(1) : false),
    ArrowUp: () => (isRowFocused() ? navigation.step(-1) : false),
    p: refresh.togglePause,
    r: refresh.refreshNow,
    "?": () => setHelp(true),
    Escape: () => (eventId === undefined ? false : closeEvent()),
  });

  // A refused search is an answer, and stands under the search box; it says nothing about the connection.
  const refusal = list.error?.isRefusal === true ? list.error : undefined;
  const answered = refusal === undefined ? list : { ...list, error: undefined };
  const { error, since } = freshness([answered, overview, pipeline]);
  return (
    <>
      <a class="skip" href="#list-title">
        Skip to the list of errors
      </a>
      <TopBar
        refresh={refresh}
        failing={error !== undefined}
        theme={theme}
        onToggleTheme={toggleTheme}
      >
        <HealthBadge pipeline={pipeline} onOpen={showPipeline} />
      </TopBar>
      <FilterBar
        filters={filters}
        services={overview.data?.services ?? []}
        refusal={refusal}
        search={search}
        onChange={setFilters}
        onLeaveDown={() => navigation.step(0)}
        onHelp={() => setHelp(true)}
      />
      <main class="layout">
        <OverviewCharts filters={filters} overview={overview} theme={theme} onChange={setFilters}>
          <PipelineCard pipeline={pipeline} />
        </OverviewCharts>
        <ErrorList
          list={list}
          q={filters.q}
          openId={eventId}
          currentId={navigation.currentId}
          onOpen={openEvent}
          onFocus={navigation.setCurrent}
          empty={
            <EmptyList
              filters={filters}
              nothingEver={overview.data?.services.length === 0}
              onWiden={() => setFilters({ range: { kind: "last", preset: "7d" } })}
              onClear={() => setFilters({ ...NO_FILTERS, range: filters.range })}
            />
          }
          tools={
            <CopyButton
              icon="terminal"
              label="Copy as curl"
              text={() => curlCommand(list.path, location.href)}
            />
          }
        />
      </main>
      {eventId !== undefined && (
        <EventPanel
          id={eventId}
          open={open}
          onClose={closeEvent}
          onStep={navigation.step}
          onTerm={(key, value, exclude) =>
            setFilters({ q: withTerm(filters.q, key, value, exclude) })
          }
          onTrace={(traceId) => setFilters({ traceId })}
        />
      )}
      <RefreshNotice
        error={error}
        since={since}
        paused={refresh.paused}
        onRetry={refresh.refreshNow}
      />
      {help && <HelpDialog onClose={() => setHelp(false)} />}
    </>
  );
}
