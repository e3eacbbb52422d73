// The text form of a query.

/** Commas and colons are legal in a query; leaving them makes a link that a person can read. */
export function readable(query: URLSearchParams): string {
  return query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
}
