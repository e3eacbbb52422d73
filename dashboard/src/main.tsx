// Entry: theme first, then the page.

import { render } from "preact";
import { App } from "./app";
import { applyStoredTheme } from "./state/useTheme";
import "uplot/dist/uPlot.min.css";
import "./styles/index.css";

applyStoredTheme();

// Its address is relative to the page's, which changes with every step: it is held where it is now.
const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
if (icon !== null) icon.href = String(icon.href);

const root = document.getElementById("app");
if (root !== null) render(<App />, root);
