// Everything that narrows the page, in one bar.

import type { RefObject } from "preact";
import type { ApiError } from "../../api/error";
import { FilterChips } from "../../components/FilterChips";
import { LevelFilter } from "../../components/LevelFilter";
import { RangePicker } from "../../components/RangePicker";
import { SearchBox } from "../../components/SearchBox";
import { ServiceFilter } from "../../components/ServiceFilter";
import type { Filters } from "../../state/filters";
import type { View } from "../../state/useView";

interface Props {
  filters: Filters;
  services: readonly string[];
  /** What the server said against these filters. */
  refusal: ApiError | undefined;
  search: RefObject<HTMLInputElement | null>;
  onChange: View["setFilters"];
  onLeaveDown: () => void;
  onHelp: () => void;
}

export function FilterBar(props: Props) {
  const { filters, services, refusal, search, onChange, onLeaveDown, onHelp } = props;
  const aboutSearch = refusal !== undefined && (refusal.parameter ?? "q") === "q";
  return (
    <div class="filterbar">
      <SearchBox
        label="Search errors"
        placeholder="Search messages, errors and fields, e.g. timeout order_id:7"
        value={filters.q}
        input={search}
        error={aboutSearch ? refusal.message : undefined}
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
        <RangePicker range={filters.range} onChange={(range) => onChange({ range })} />
      </div>
      <FilterChips filters={filters} onChange={onChange} />
      {refusal !== undefined && !aboutSearch && (
        <p class="search-error" role="alert">
          {refusal.message}
        </p>
      )}
    </div>
  );
}
