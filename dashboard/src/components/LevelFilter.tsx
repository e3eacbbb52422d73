// Which severities the list and the histogram show.

import type { ErrorLevel } from "../api/types";
import { isAllLevels } from "../state/filters";
import { Segmented } from "./Segmented";

type Choice = "ALL" | ErrorLevel;

const OPTIONS = [
  { value: "ALL", text: "All" },
  { value: "ERROR", text: "Error" },
  { value: "CRITICAL", text: "Critical" },
] as const;

interface Props {
  levels: readonly ErrorLevel[];
  onChange: (levels: ErrorLevel[]) => void;
}

export function LevelFilter({ levels, onChange }: Props) {
  const chosen: Choice = isAllLevels(levels) ? "ALL" : (levels[0] ?? "ALL");
  return (
    <Segmented<Choice>
      label="Level"
      options={OPTIONS}
      value={chosen}
      onChoose={(choice) => onChange(choice === "ALL" ? [] : [choice])}
    />
  );
}
