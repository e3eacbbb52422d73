// What a change makes of an issue, shown before the server has answered. Pure.

import type { IssueChange, IssueDetails } from "../api/types";

export function changed(issue: IssueDetails, change: IssueChange): IssueDetails {
  const { ignore_until_count: more, ...rest } = change;
  if (rest.status === undefined) return { ...issue, ...rest };
  // A new state begins anew: what the old one depended on is over.
  return {
    ...issue,
    resolved_in_version: null,
    ignore_until: null,
    ...rest,
    // Asked for as "so many more", kept as the count at which it opens again.
    ignore_until_count: more === undefined ? null : issue.count + more,
  };
}
