// Where the reader left the list: its filters and its row, for who comes back from an issue.

let row: string | undefined;
let filters = "";

export function leave(id: string | undefined, search: string): void {
  row = id ?? row;
  filters = search;
}

/** The row that was the current one. */
export function leftFrom(): string | undefined {
  return row;
}

/** The filters, as the query part of an address. */
export function leftFilters(): string {
  return filters;
}
