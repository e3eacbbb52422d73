// Pieces of an issue as sentences. Pure.

import type { Activity, IssueDetails, Trend } from "../api/types";
import { compact, count } from "./number";
import { dayAndMinutes } from "./time";

/** What is behind its state: the version it is mended in, or how long it is ignored. */
export function stateInWords(issue: IssueDetails): string {
  if (issue.status === "resolved") {
    return issue.resolved_in_version
      ? `Resolved in version ${issue.resolved_in_version}: older versions do not reopen it`
      : "Resolved: the next error reopens it";
  }
  if (issue.status === "ignored") {
    const left = (issue.ignore_until_count ?? issue.count) - issue.count;
    const parts = [
      issue.ignore_until ? `until ${dayAndMinutes(new Date(issue.ignore_until))}` : "",
      left > 0 ? `until ${count(left)} more ${left === 1 ? "error" : "errors"}` : "",
    ].filter((part) => part !== "");
    return `Ignored ${parts.length === 0 ? "for good" : parts.join(" or ")}`;
  }
  return {
    new: "Its first error came within the last 24 hours",
    ongoing: "",
    regressed: "It had been resolved, and came back",
  }[issue.substatus];
}

const HAPPENED: Record<string, string> = {
  created: "First error",
  regressed: "Came back after it had been resolved",
  resolved: "Resolved",
  ignored: "Ignored",
  reopened: "Reopened",
  merged: "Merged",
  unmerged: "Unmerged",
  assigned: "Assigned",
  noted: "Note",
};

/** One line of the activity list. */
export function happened({ kind, detail }: Activity): string {
  const words = HAPPENED[kind] ?? kind;
  if (kind === "assigned" && !detail) return "Nobody is assigned";
  if (kind === "noted" && !detail) return "Note removed";
  return words;
}

/** Names with their share of the most frequent one, the most first. */
export function shares(counts: Record<string, number> | undefined): {
  name: string;
  n: number;
  share: number;
}[] {
  const all = Object.entries(counts ?? {});
  const most = Math.max(1, ...all.map(([, n]) => n));
  return all
    .map(([name, n]) => ({ name, n, share: n / most }))
    .sort((a, b) => b.n - a.n || a.name.localeCompare(b.name));
}

const WHY: Record<string, string> = {
  service: "the same service",
  type: "the same type of error",
  target: "the same logger",
  frame: "the same place in the code",
  message: "the same message, but for its values",
  rule: "a rule of yours",
};

/** What a component of the fingerprint says about the errors of an issue. */
export function why(name: string): string {
  return WHY[name] ?? name;
}

/** Fewer errors than this in the hour are no trend. */
const MIN_RISING = 3;

/**
 * How many times a usual hour of the last day this one already is, or the last one was: an hour that has just begun says
 * little. `undefined` where nothing is rising.
 */
export function growth({ counts }: Trend): number | undefined {
  const current = Math.max(0, ...counts.slice(-2));
  const earlier = counts.slice(0, -2);
  if (current < MIN_RISING || earlier.length === 0) return undefined;
  const usual = earlier.reduce((sum, n) => sum + n, 0) / earlier.length;
  // Nothing before: that is a new issue, and says so itself.
  if (usual === 0) return undefined;
  const ratio = current / usual;
  return ratio >= 2 ? ratio : undefined;
}

/** "\u00d73", "\u00d71.2k" */
export function growthText(ratio: number): string {
  return `\u00d7${compact(Math.round(ratio))}`;
}
