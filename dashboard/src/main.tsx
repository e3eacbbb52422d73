// Entry: theme first, then the page.

import { render } from "preact";
import { App } from "./app";
import { applyStoredTheme } from "./state/useTheme";
import "uplot/dist/uPlot.min.css";
import "./styles/index.css";

applyStoredTheme();

const root = document.getElementById("app");
if (root !== null) render(<App />, root);
