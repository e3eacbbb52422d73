// Status and readiness of the pipeline, loaded together.

import { getReadiness, getStatus } from "../api/client";
import type { Readiness, Status } from "../api/types";
import { useResource, type Resource } from "./useResource";

export interface Pipeline {
  status: Status;
  readiness: Readiness;
}

export function usePipeline(tick: number): Resource<Pipeline> {
  return useResource("pipeline", tick, async (signal) => {
    const [status, readiness] = await Promise.all([getStatus(signal), getReadiness(signal)]);
    return { status, readiness };
  });
}
