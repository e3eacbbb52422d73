// What the list says when nothing matches, and what to do about it.

import type { Filters } from "../state/filters";
import { isNarrowed } from "../state/filters";
import { rangeInWords } from "../state/timeRange";

interface Props {
  filters: Filters;
  /** No record of any level was ever seen. */
  nothingEver: boolean;
  onWiden: () => void;
  onClear: () => void;
}

export function EmptyList({ filters, nothingEver, onWiden, onClear }: Props) {
  const narrowed = isNarrowed(filters);
  const range = rangeInWords(filters.range);
  const widest = filters.range.kind === "last" && filters.range.preset === "7d";
  return (
    <div class="empty">
      <p class="empty-title">
        {narrowed ? `No errors match these filters in ${range}` : `No errors in ${range}`}
      </p>
      {nothingEver && !narrowed && (
        <p>
          No service has logged yet. Point one at the same Kafka and its errors appear here; the
          pipeline card says whether the broker is reached.
        </p>
      )}
      <p class="empty-actions">
        {narrowed && (
          <button type="button" class="button" onClick={onClear}>
            Clear the filters
          </button>
        )}
        {!widest && (
          <button type="button" class="button" onClick={onWiden}>
            Look at the last 7 days
          </button>
        )}
      </p>
    </div>
  );
}
