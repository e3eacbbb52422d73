// Makes this issue a part of another one, which is searched for by its title.

import { useState } from "preact/hooks";
import { getIssuePage } from "../../api/client";
import { issuesPath } from "../../api/queries";
import type { IssueDetails } from "../../api/types";
import { Menu } from "../../components/Menu";
import { compact } from "../../format/number";
import { NO_ISSUE_FILTERS } from "../../state/issueFilters";
import type { IssueActions } from "../../state/useIssue";
import { useResource } from "../../state/useResource";

interface Props {
  issue: IssueDetails;
  mergeInto: IssueActions["mergeInto"];
}

/** Enough to choose from; more are found by a word of their title. */
const OFFERED = 8;

export function MergeMenu(props: Props) {
  return (
    <Menu text="Merge" label="Merge into another issue">
      {(close) => <Choice {...props} close={close} />}
    </Menu>
  );
}

function Choice({ issue, mergeInto, close }: Props & { close: () => void }) {
  const [q, setQ] = useState("");
  const filters = { ...NO_ISSUE_FILTERS, status: "all", services: [issue.service], q } as const;
  const path = issuesPath({ ...filters, services: [issue.service] }, OFFERED + 1);
  const { data, error } = useResource(path, 0, (signal) => getIssuePage(path, signal));
  const others = data?.issues.filter((other) => other.id !== issue.id).slice(0, OFFERED);
  return (
    <div class="merge">
      <label>
        Merge into
        <input
          type="text"
          placeholder={`Search the issues of ${issue.service}`}
          value={q}
          autofocus
          onInput={(event) => setQ(event.currentTarget.value)}
        />
      </label>
      {error !== undefined && <p class="form-error">{error.message}</p>}
      {others?.length === 0 && <p class="muted">No other issue of {issue.service} is found.</p>}
      {others?.map((other) => (
        <button
          key={other.id}
          type="button"
          class="menu-item"
          title={other.title}
          onClick={() => {
            mergeInto(other.id, other.title);
            close();
          }}
        >
          <span class="ellipsis">{other.title}</span>
          <span class="muted">{compact(other.count)}</span>
        </button>
      ))}
    </div>
  );
}
