// What is followed, in one bar.

import type { RefObject } from "preact";
import type { ApiError } from "../../api/error";
import type { LogLevel } from "../../api/types";
import { Icon } from "../../components/Icon";
import { SearchBox } from "../../components/SearchBox";
import { Segmented } from "../../components/Segmented";
import { ServiceFilter } from "../../components/ServiceFilter";
import type { LiveFilters } from "../../state/liveFilters";
import type { SetLiveFilters } from "./LiveView";

interface Props {
  filters: LiveFilters;
  services: readonly string[];
  /** What the server said against these filters. */
  refusal: ApiError | undefined;
  search: RefObject<HTMLInputElement | null>;
  onChange: SetLiveFilters;
  onLeaveDown: () => void;
  onHelp: () => void;
}

const SCOPES = [
  { value: "errors", text: "Errors", title: "Errors, as they are stored" },
  { value: "all", text: "All lines", title: "Every line of the logs topic, of any level" },
] as const;

/** This level and everything worse. */
const FROM: readonly { value: LogLevel; text: string; title: string }[] = [
  { value: "TRACE", text: "All", title: "Every level" },
  { value: "DEBUG", text: "Debug", title: "DEBUG and worse" },
  { value: "INFO", text: "Info", title: "INFO and worse" },
  { value: "WARN", text: "Warn", title: "WARN and worse" },
  { value: "ERROR", text: "Error", title: "ERROR and CRITICAL" },
];

const ERRORS_FROM: typeof FROM = [
  { value: "TRACE", text: "All", title: "ERROR and CRITICAL" },
  { value: "CRITICAL", text: "Critical", title: "CRITICAL only" },
];

export function LiveFilterBar(props: Props) {
  const { filters, services, refusal, search, onChange, onLeaveDown, onHelp } = props;
  const levels = filters.scope === "all" ? FROM : ERRORS_FROM;
  const known = levels.some(({ value }) => value === filters.level);
  return (
    <div class="filterbar">
      <SearchBox
        label="Search in what comes"
        placeholder="Follow what matches, e.g. timeout order_id:7"
        value={filters.q}
        input={search}
        error={refusal?.message}
        onSearch={(q, replace) => onChange({ q }, { replace })}
        onLeaveDown={onLeaveDown}
        onHelp={onHelp}
      />
      <div class="filters">
        <Segmented
          label="What is followed"
          options={SCOPES}
          value={filters.scope}
          onChoose={(scope) => onChange({ scope, level: "TRACE" })}
        />
        <ServiceFilter
          known={services}
          selected={filters.services}
          onChange={(chosen) => onChange({ services: chosen })}
        />
        <Segmented
          label="Least level"
          options={levels}
          value={known ? filters.level : "TRACE"}
          onChoose={(level) => onChange({ level })}
        />
      </div>
      {filters.traceId !== "" && (
        <div class="chips">
          <span class="chip">
            <span class="ellipsis">trace_id:{filters.traceId}</span>
            <button
              type="button"
              aria-label="Follow every trace"
              onClick={() => onChange({ traceId: "" })}
            >
              <Icon name="close" />
            </button>
          </span>
        </div>
      )}
    </div>
  );
}
