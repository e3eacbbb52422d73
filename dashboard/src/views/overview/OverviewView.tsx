// The page of errors: connects what is asked for (address), what is known (API) and what is shown.

import { useCallback, useRef } from "preact/hooks";
import { curlCommand } from "../../api/curl";
import { ROOT } from "../../api/root";
import { CopyButton } from "../../components/CopyButton";
import { EmptyList } from "../../components/EmptyList";
import { ErrorList } from "../../components/ErrorList";
import { EventPanel } from "../../components/EventPanel";
import { Page } from "../../components/Page";
import { PipelineCard } from "../../components/PipelineCard";
import { NO_FILTERS } from "../../state/filters";
import { withTerm } from "../../state/searchTerm";
import { useErrorList } from "../../state/useErrorList";
import { useEvent } from "../../state/useEvent";
import { useOverview } from "../../state/useOverview";
import { focusRow, isRowFocused, useRows } from "../../state/useRows";
import type { Shell } from "../../state/useShell";
import { useView } from "../../state/useView";
import { FilterBar } from "./FilterBar";
import { OverviewCharts } from "./OverviewCharts";

export function OverviewView({ search: address, shell }: { search: string; shell: Shell }) {
  const { filters, eventId, setFilters, openEvent } = useView(address);
  const { refresh } = shell;
  const list = useErrorList(filters, refresh.tick);
  const overview = useOverview(filters, refresh.tick);
  const errors = list.data?.errors ?? [];
  const open = useEvent(eventId, errors);
  const ids = errors.map((event) => event.id);
  const rows = useRows(ids, { openId: eventId, open: openEvent, more: list.loadOlder });
  const search = useRef<HTMLInputElement>(null);

  const closeEvent = useCallback(() => {
    openEvent(undefined);
    if (eventId !== undefined) focusRow(eventId);
  }, [eventId]);

  // A refused search is an answer, and stands under the search box; it says nothing about the connection.
  const refusal = list.error?.isRefusal === true ? list.error : undefined;
  const answered = refusal === undefined ? list : { ...list, error: undefined };
  return (
    <Page
      shell={shell}
      view="overview"
      title="Overview"
      skip={{ to: "list-title", what: "the list of errors" }}
      parts={[answered, overview]}
      keys={{
        "/": () => search.current?.select(),
        j: () => rows.step(1),
        k: () => rows.step(-1),
        ArrowDown: () => (isRowFocused() ? rows.step(1) : false),
        ArrowUp: () => (isRowFocused() ? rows.step(-1) : false),
        r: refresh.refreshNow,
        Escape: () => (eventId === undefined ? false : closeEvent()),
      }}
    >
      <FilterBar
        filters={filters}
        services={overview.data?.services ?? []}
        refusal={refusal}
        search={search}
        onChange={setFilters}
        onLeaveDown={() => rows.step(0)}
        onHelp={() => shell.setHelp(true)}
      />
      <main class="layout">
        <OverviewCharts
          filters={filters}
          overview={overview}
          theme={shell.theme}
          onChange={setFilters}
        >
          <PipelineCard pipeline={shell.pipeline} />
        </OverviewCharts>
        <ErrorList
          list={list}
          q={filters.q}
          openId={eventId}
          currentId={rows.currentId}
          onOpen={openEvent}
          onFocus={rows.setCurrent}
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
              text={() => curlCommand(list.path, ROOT)}
            />
          }
        />
      </main>
      {eventId !== undefined && (
        <EventPanel
          id={eventId}
          open={open}
          onClose={closeEvent}
          onStep={rows.step}
          onTerm={(key, value, exclude) =>
            setFilters({ q: withTerm(filters.q, key, value, exclude) })
          }
          onTrace={(traceId) => setFilters({ traceId })}
        />
      )}
    </Page>
  );
}
