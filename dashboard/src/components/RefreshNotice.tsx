// Says that what is on the page is old, why, and how old. Nothing may look fresh that is not.

import { clockSeconds, duration } from "../format/time";
import type { ApiError } from "../api/error";
import { useNow } from "../state/useNow";
import { Icon } from "./Icon";

interface Props {
  error: ApiError | undefined;
  /** When the oldest data on the page came; `undefined` when there is none yet. */
  since: number | undefined;
  paused: boolean;
  onRetry: () => void;
}

export function RefreshNotice({ error, since, paused, onRetry }: Props) {
  const now = useNow(error !== undefined);
  if (error === undefined) return null;
  return (
    <div class="notice" role="alert">
      <Icon name="warning" />
      <p>
        <b>{since === undefined ? "No data yet" : "Refresh failed"}</b>: {error.message}.{" "}
        {/* The age changes every second; a screen reader hears of the failure once. */}
        <span aria-live="off">
          {since !== undefined &&
            `This is from ${clockSeconds(new Date(since))}, ${duration(wholeSeconds(now - since))} ago. `}
          {paused ? "Refreshing is paused." : "Trying again every 5 s."}
        </span>
      </p>
      <button type="button" class="button" onClick={onRetry}>
        Try now
      </button>
    </div>
  );
}

function wholeSeconds(ms: number): number {
  return Math.max(1_000, Math.floor(ms / 1_000) * 1_000);
}
