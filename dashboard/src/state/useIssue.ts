// One issue: what is known of it, what happened to it, its newest errors, and how it is changed.

import { useCallback, useRef } from "preact/hooks";
import {
  changeIssue,
  getActivity,
  getErrorPage,
  getIssue,
  mergeIssue,
  unmergeIssue,
} from "../api/client";
import { errorFromFailure } from "../api/error";
import { issueEventsPath } from "../api/queries";
import type { Activity, ErrorPage, IssueChange, IssueDetails } from "../api/types";
import { changed } from "./issueChange";
import type { Notices } from "./useNotice";
import { useResource, type Resource } from "./useResource";

export interface IssueState {
  details: Resource<IssueDetails>;
  activity: Resource<Activity[] | undefined>;
  events: Resource<ErrorPage>;
  actions: IssueActions;
}

export interface IssueActions {
  /** Changes the issue and says so in these words. */
  change: (change: IssueChange, done: string) => void;
  mergeInto: (other: string, title: string) => void;
  unmerge: (part: string) => void;
}

export function useIssue(id: string, tick: number, { say }: Notices): IssueState {
  const details = useResource(`issue ${id}`, tick, (signal) => getIssue(id, signal));
  const activity = useResource(`activity ${id}`, tick, (signal) => getActivity(id, signal));
  const path = issueEventsPath(id);
  const events = useResource(path, tick, (signal) => getErrorPage(path, signal));
  const latest = useRef({ details, activity, events });
  latest.current = { details, activity, events };

  const run = useCallback((what: () => Promise<unknown>, done: string, undo?: () => void) => {
    what()
      .then(() => say({ text: done, ...(undo && { undo }) }))
      .catch((cause: unknown) =>
        say({ text: `Not done: ${errorFromFailure(cause).message}`, failed: true }),
      )
      .finally(() => {
        for (const part of Object.values(latest.current)) part.reload();
      });
  }, []);

  const change = useCallback<IssueActions["change"]>((wanted, done) => {
    const before = latest.current.details.data;
    // What was asked for is shown at once; the answer, or the next refresh, puts it right.
    latest.current.details.update((issue) => changed(issue, wanted));
    const back = before && wanted.status && before.status !== wanted.status && before.status;
    const undo = back && (() => run(() => changeIssue(id, { status: back }), "Undone"));
    run(() => changeIssue(id, wanted), done, undo || undefined);
  }, []);

  const mergeInto = useCallback<IssueActions["mergeInto"]>((other, title) => {
    run(() => mergeIssue(id, other), `Merged into: ${title}`);
  }, []);

  const unmerge = useCallback<IssueActions["unmerge"]>((part) => {
    run(() => unmergeIssue(part), "Unmerged: it is an issue of its own again");
  }, []);

  return { details, activity, events, actions: { change, mergeInto, unmerge } };
}
