// The frame of the site: which page the address names.

import { usePlace } from "./state/place";
import { useShell } from "./state/useShell";
import { EventView } from "./views/event/EventView";
import { IssueView } from "./views/issue/IssueView";
import { IssuesView } from "./views/issues/IssuesView";
import { LiveView } from "./views/live/LiveView";
import { OverviewView } from "./views/overview/OverviewView";

export function App() {
  const { route, search } = usePlace();
  const shell = useShell();
  switch (route.view) {
    case "issue":
      return <IssueView key={route.id} id={route.id} shell={shell} />;
    case "event":
      return <EventView key={route.id} id={route.id} search={search} shell={shell} />;
    case "live":
      return <LiveView search={search} shell={shell} />;
    case "overview":
      return <OverviewView search={search} shell={shell} />;
    case "issues":
      return <IssuesView search={search} shell={shell} />;
  }
}
