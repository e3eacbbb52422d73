// The frame of the page. It has one view today; the next ones (issues, context, live) get their place here.

import { ErrorsView } from "./views/errors/ErrorsView";

export function App() {
  return <ErrorsView />;
}
