// The services that have logged, for filters.

import { getServices } from "../api/client";
import { useResource } from "./useResource";

const NONE: readonly string[] = [];

export function useServices(tick: number): readonly string[] {
  return useResource("services", tick, getServices).data?.services ?? NONE;
}
