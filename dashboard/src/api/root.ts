// Where the site begins. The page may stand behind a proxy's path prefix, and is itself at any depth below it; its
// script always lies one folder below the root.

const script = import.meta.url;

export const ROOT: URL = import.meta.env.DEV
  ? new URL("/", globalThis.location?.href ?? "http://localhost")
  : new URL("../", script);

/** An address of the API, made absolute. */
export function absolute(path: string): URL {
  return new URL(path, ROOT);
}
