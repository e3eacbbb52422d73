// The pages and their addresses. Pure: a route is made from a path and turned back into one.

export type Route =
  | { view: "issues" }
  | { view: "issue"; id: string }
  | { view: "event"; id: string }
  | { view: "live" }
  | { view: "overview" };

/** Reads a path relative to the root of the site, with its query. What is unknown is the front page. */
export function parseRoute(path: string, search = ""): Route {
  const [head = "", id = "", ...rest] = path.replace(/^\/+|\/+$/g, "").split("/");
  const name = rest.length === 0 ? decoded(id) : undefined;
  if (head === "live" && id === "") return { view: "live" };
  if (head === "overview" && id === "") return { view: "overview" };
  if (head === "issues" && name) return { view: "issue", id: name };
  if (head === "events" && name) return { view: "event", id: name };
  // The overview was the front page once, and links to its details are still about.
  if (head === "" && new URLSearchParams(search).has("event")) return { view: "overview" };
  return { view: "issues" };
}

/** The path of a route, relative to the root and without a slash in front. */
export function formatRoute(route: Route): string {
  switch (route.view) {
    case "issue":
      return `issues/${encodeURIComponent(route.id)}`;
    case "event":
      return `events/${encodeURIComponent(route.id)}`;
    default:
      return route.view;
  }
}

/** Whether two routes are the same page, whatever its filters. */
export function isSameRoute(a: Route, b: Route): boolean {
  return formatRoute(a) === formatRoute(b);
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
