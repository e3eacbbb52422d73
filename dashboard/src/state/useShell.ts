// What every page has: the clock, the theme, the health of the pipeline, the sheet of keys.

import { useState } from "preact/hooks";
import { usePipeline, type Pipeline } from "./usePipeline";
import { useRefresh, type Refresh } from "./useRefresh";
import type { Resource } from "./useResource";
import { useTheme, type Theme } from "./useTheme";

export interface Shell {
  refresh: Refresh;
  theme: Theme;
  toggleTheme: () => void;
  pipeline: Resource<Pipeline>;
  help: boolean;
  setHelp: (open: boolean) => void;
}

export function useShell(): Shell {
  const refresh = useRefresh();
  const { theme, toggleTheme } = useTheme();
  const pipeline = usePipeline(refresh.tick);
  const [help, setHelp] = useState(false);
  return { refresh, theme, toggleTheme, pipeline, help, setHelp };
}
