// Turns an address of the API into a command line that can be pasted into a POSIX shell.

/** `curl` for one address, resolved against the root of the site. */
export function curlCommand(path: string, root: URL): string {
  return `curl -sS ${shellQuote(new URL(path, root).href)}`;
}

/** Quotes one argument. Inside single quotes only the quote itself has a meaning. */
export function shellQuote(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}
