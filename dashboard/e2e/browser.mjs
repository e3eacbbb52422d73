// Starts the machine's own Chromium and opens the dashboard in it, watching for everything that must not happen.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const EXECUTABLE = process.env.CHROMIUM || "/usr/bin/chromium";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The system under test, without a slash at the end. */
export function baseUrl() {
  const url = process.env.LOGMONITOR_URL;
  assert.ok(url, "set LOGMONITOR_URL to the address of a running logmonitor");
  return url.replace(/\/+$/, "");
}

/** A browser with a profile of its own; it ends with the test. */
export async function startBrowser(t) {
  assert.ok(
    existsSync(EXECUTABLE),
    `${EXECUTABLE} is missing. Install it with \`apt-get install -y chromium\`, or set CHROMIUM to another one.`,
  );
  const browser = await chromium.launch({
    executablePath: EXECUTABLE,
    headless: true,
    args: FLAGS,
  });
  t.after(() => browser.close());
  return browser;
}

/**
 * Opens a page of the dashboard and waits for its list. At the end of the test nothing may have been written to the console
 * and the policy may not have been violated; `expected` tells which console messages the test itself provokes,
 * and `prepare` is called before anything is loaded.
 */
export async function openDashboard(t, options = {}) {
  const {
    path = "overview",
    search = "",
    viewport = { width: 1440, height: 900 },
    expected,
    prepare,
    ...context
  } = options;
  const browser = options.browser ?? (await startBrowser(t));
  const page = await (await browser.newContext({ viewport, ...context })).newPage();
  page.setDefaultTimeout(15_000);
  const complaints = watch(page, expected);
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  await prepare?.(page);
  await page.goto(`${baseUrl()}/${path}${search}`);
  await page.locator(".row, .empty-title").first().waitFor();
  t.after(() => assert.deepEqual(complaints, [], "the console stays empty"));
  return page;
}

/** On a busy machine the pipeline may not be ready for a moment; the browser itself writes that down. */
const NOT_READY = /status of 503 .*\/ready$/;

function watch(page, expected) {
  const complaints = [];
  const note = (text) => {
    if (!expected?.test(text) && !NOT_READY.test(text)) complaints.push(text);
  };
  page.on("console", (message) => {
    if (!["error", "warning"].includes(message.type())) return;
    note(`${message.text()} ${message.location().url}`.trim());
  });
  page.on("pageerror", (error) => note(String(error)));
  return complaints;
}
