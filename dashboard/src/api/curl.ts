// Turns an address of the API into a command line that can be pasted into a POSIX shell.

/** `curl` for one address, resolved against the page's own. */
export function curlCommand(path: string, pageUrl: string): string {
  return `curl -sS ${shellQuote(new URL(path, pageUrl).href)}`;
}

/** Quotes one argument. Inside single quotes only the quote itself has a meaning. */
export function shellQuote(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}
