// What narrows the list of issues, in one bar.

import type { RefObject } from "preact";
import type { ApiError } from "../../api/error";
import { LevelFilter } from "../../components/LevelFilter";
import { SearchBox } from "../../components/SearchBox";
import { ServiceFilter } from "../../components/ServiceFilter";
import type { IssueFilters } from "../../state/issueFilters";
import type { SetIssueFilters } from "./IssuesView";

interface Props {
  filters: IssueFilters;
  services: readonly string[];
  /** What the server said against these filters. */
  refusal: ApiError | undefined;
  search: RefObject<HTMLInputElement | null>;
  onChange: SetIssueFilters;
  onLeaveDown: () => void;
  onHelp: () => void;
}

export function IssueFilterBar(props: Props) {
  const { filters, services, refusal, search, onChange, onLeaveDown, onHelp } = props;
  return (
    <div class="filterbar">
      <SearchBox
        label="Search issues"
        placeholder="Search titles, types and loggers, e.g. timeout -retry"
        value={filters.q}
        input={search}
        error={refusal?.message}
        onSearch={(q, replace) => onChange({ q }, { replace })}
        onLeaveDown={onLeaveDown}
        onHelp={onHelp}
      />
      <div class="filters">
        <ServiceFilter
          known={services}
          selected={filters.services}
          onChange={(chosen) => onChange({ services: chosen })}
        />
        <LevelFilter levels={filters.levels} onChange={(levels) => onChange({ levels })} />
      </div>
    </div>
  );
}
