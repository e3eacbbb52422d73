// The issues that match the filters: all that is loaded on every tick, the next page on demand.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { getIssuePage } from "../api/client";
import { errorFromFailure, isAbort, type ApiError } from "../api/error";
import { ISSUE_PAGE_SIZE, issuesPath, nextPagePath } from "../api/queries";
import type { IssueFilters } from "./issueFilters";
import { MAX_ISSUES, extendedIssues, refreshedIssues, type IssueList } from "./issueList";
import { useResource, type Resource } from "./useResource";

export interface IssueListState extends Resource<IssueList> {
  /** The address the list came from: what "copy as curl" copies. */
  path: string;
  update: (change: (list: IssueList) => IssueList) => void;
  reload: () => void;
  loadMore: () => void;
  loadingMore: boolean;
  moreError: ApiError | undefined;
}

/** `hold`: rows are being chosen, and must not move. */
export function useIssueList(filters: IssueFilters, tick: number, hold: boolean): IssueListState {
  const path = issuesPath(filters, ISSUE_PAGE_SIZE);
  const latest = useRef({ loaded: 0, hold });
  const resource = useResource(
    path,
    tick,
    (signal) => {
      const { loaded } = latest.current;
      // Everything that is shown is asked for again: a count that stands still would be a wrong one.
      const pages = Math.max(1, Math.ceil(loaded / ISSUE_PAGE_SIZE));
      return getIssuePage(
        issuesPath(filters, Math.min(MAX_ISSUES, pages * ISSUE_PAGE_SIZE)),
        signal,
      );
    },
    (previous: IssueList | undefined, page) => refreshedIssues(previous, page, latest.current.hold),
  );
  latest.current = { loaded: resource.outdated ? 0 : (resource.data?.issues.length ?? 0), hold };
  const more = useMore(path, resource.data, resource.update);
  return { ...resource, path, ...more };
}

function useMore(
  path: string,
  list: IssueList | undefined,
  update: (change: (list: IssueList) => IssueList) => void,
) {
  const [loadingMore, setLoading] = useState(false);
  const [moreError, setError] = useState<ApiError | undefined>(undefined);
  const flight = useRef<AbortController | undefined>(undefined);

  useEffect(() => {
    return () => {
      flight.current?.abort();
      flight.current = undefined;
      setLoading(false);
      setError(undefined);
    };
  }, [path]);

  const loadMore = useCallback(() => {
    const cursor = list?.cursor;
    if (cursor === undefined || flight.current !== undefined) return;
    const controller = new AbortController();
    flight.current = controller;
    setLoading(true);
    getIssuePage(nextPagePath(path, cursor), controller.signal)
      .then((page) => {
        update((current) => extendedIssues(current, page));
        setError(undefined);
      })
      .catch((cause: unknown) => {
        if (!isAbort(cause)) setError(errorFromFailure(cause));
      })
      .finally(() => {
        if (flight.current !== controller) return;
        flight.current = undefined;
        setLoading(false);
      });
  }, [path, list, update]);

  return { loadMore, loadingMore, moreError };
}
