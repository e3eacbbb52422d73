// Where an issue stands, in one word.

import type { Issue } from "../api/types";

const MEANING: Record<string, string> = {
  new: "Its first error came within the last 24 hours",
  ongoing: "It has been there for longer than a day",
  regressed: "It had been resolved, and came back",
  resolved: "Said to be mended",
  ignored: "Nobody wants to hear of it for now",
};

export function Badge({ issue }: { issue: Pick<Issue, "status" | "substatus"> }) {
  const word = issue.status === "open" ? issue.substatus : issue.status;
  return (
    <span class={`badge badge-${word}`} title={MEANING[word]}>
      {word}
    </span>
  );
}
