// A table of names and values. A value can be added to the search, or excluded from it.

import { Icon } from "./Icon";

export interface KeyValue {
  key: string;
  value: string;
  /** The search key, when the value can be searched for. */
  searchKey?: string;
}

interface Props {
  pairs: readonly KeyValue[];
  onTerm: (key: string, value: string, exclude: boolean) => void;
}

export function KeyValues({ pairs, onTerm }: Props) {
  return (
    <dl class="pairs">
      {pairs.map(({ key, value, searchKey }) => (
        <div class="pair" key={key}>
          <dt>{key}</dt>
          <dd>
            <span class="pair-value">{value}</span>
            {searchKey !== undefined && (
              <span class="pair-tools">
                <button
                  type="button"
                  aria-label={`Search for ${key} ${value}`}
                  title="Add to the search"
                  onClick={() => onTerm(searchKey, value, false)}
                >
                  <Icon name="plus" />
                </button>
                <button
                  type="button"
                  aria-label={`Exclude ${key} ${value}`}
                  title="Exclude from the search"
                  onClick={() => onTerm(searchKey, value, true)}
                >
                  <Icon name="minus" />
                </button>
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

type Entry = [key: string, value: string | number | undefined, searchKey?: string];

/** Those that have a value, as pairs. */
export function present(entries: readonly Entry[]): KeyValue[] {
  return entries.flatMap(([key, value, searchKey]) =>
    value === undefined
      ? []
      : [{ key, value: String(value), ...(searchKey === undefined ? {} : { searchKey }) }],
  );
}
