// The details of one error: opened by pointer, by keyboard and by link.

import assert from "node:assert/strict";
import { test } from "node:test";
import { baseUrl, openDashboard, startBrowser } from "./browser.mjs";
import { eventually, newestErrors } from "./system.mjs";

const panelOf = (page) => page.getByRole("dialog", { name: "Error details" });
const eventIn = (page) => new URL(page.url()).searchParams.get("event");

/** What stands beside a name in the details; fields of the event come first, so the last one is meant. */
const valueOf = (page, key) =>
  panelOf(page)
    .locator(".pair", { has: page.getByText(key, { exact: true }) })
    .locator(".pair-value")
    .last()
    .innerText();

/** An error of the demo services with a field whose value is accepted. */
async function withFields(accepts = () => true) {
  return eventually("the demo services log errors with such fields", async () => {
    const errors = await newestErrors("&from=-24h&service=booking,usermanagement");
    return errors.find((error) => Object.values(error.fields ?? {}).some(accepts));
  });
}

/** What the page must show for a field: whole numbers digit by digit, also those too large for JavaScript. */
function asWritten(raw, key, value) {
  if (typeof value === "string") return value;
  if (!Number.isInteger(value)) return JSON.stringify(value);
  return new RegExp(`"${RegExp.escape?.(key) ?? key}":(-?\\d+)`).exec(raw)?.[1] ?? String(value);
}

/** A link that keeps the event in the list while new ones arrive. */
const around = (event) => {
  const time = Date.parse(event.timestamp);
  const iso = (ms) => new Date(ms).toISOString();
  return `?from=${iso(time - 5_000)}&to=${iso(time + 5_000)}&service=${event.service}`;
};

test("a click opens the details with fields, origin and Kafka coordinates", async (t) => {
  const event = await withFields();
  const page = await openDashboard(t, { search: around(event) });
  await page.locator(`.row[data-id="${event.id}"]`).click();
  await page.waitForURL(/[?&]event=/);
  assert.equal(eventIn(page), event.id);

  const text = await panelOf(page).innerText();
  assert.ok(text.includes(event.message.trim().split("\n")[0]), "the message");
  const raw = await (await fetch(`${baseUrl()}/api/v1/logs/events/${event.id}`)).text();
  for (const [key, value] of Object.entries(event.fields)) {
    assert.ok(text.includes(key), key);
    assert.ok(text.includes(asWritten(raw, key, value)), key);
  }
  for (const key of ["topic", "partition", "offset", "service", "instance", "host"]) {
    assert.equal(await valueOf(page, key), String(event[key]), key);
  }
  if (event.error?.message) assert.ok(text.includes(event.error.message), "the error");
  for (const cause of event.error?.chain ?? []) assert.ok(text.includes(cause), cause);
  for (const span of event.spans ?? []) assert.ok(text.includes(span.name), span.name);
  if (event.trace_id) assert.ok(text.includes(event.trace_id), "the trace id");

  await page.getByRole("button", { name: "Close the details" }).click();
  await panelOf(page).waitFor({ state: "detached" });
  assert.equal(eventIn(page), null);
});

test("the keyboard moves, opens, steps and closes", async (t) => {
  const page = await openDashboard(t, { search: "?from=-24h" });
  // Paused: the rows must stand still while they are counted.
  await page.keyboard.press("p");
  const idOf = (n) => page.locator(".row").nth(n).getAttribute("data-id");
  const focused = () => page.evaluate(() => document.activeElement?.dataset.id);

  await page.keyboard.press("j");
  assert.equal(await focused(), await idOf(0));
  await page.keyboard.press("j");
  assert.equal(await focused(), await idOf(1));
  await page.keyboard.press("k");
  assert.equal(await focused(), await idOf(0));

  await page.keyboard.press("Enter");
  await panelOf(page).waitFor();
  assert.equal(eventIn(page), await idOf(0));
  await page.keyboard.press("j");
  await page.waitForURL((url) => url.searchParams.get("event") !== null);
  assert.equal(eventIn(page), await idOf(1));

  await page.keyboard.press("Escape");
  await panelOf(page).waitFor({ state: "detached" });
  assert.equal(await focused(), await idOf(1), "the focus returns to the row");

  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement?.ariaLabel), "Search errors");
  await page.keyboard.type("jkp");
  const box = page.getByRole("textbox", { name: "Search errors" });
  assert.equal(await box.inputValue(), "jkp", "letters are letters while typing");
});

test("a link opens the event, even outside the list, and an unknown one is explained", async (t) => {
  const event = await withFields();
  const search = `?from=2001-01-01T00:00:00Z&to=2001-01-02T00:00:00Z&event=${encodeURIComponent(event.id)}`;
  const page = await openDashboard(t, { search });
  await panelOf(page).getByText(event.message.trim().split("\n")[0]).first().waitFor();

  const browser = await startBrowser(t);
  const other = await openDashboard(t, {
    browser,
    search: "?event=no-such-event",
    expected: /status of 40[04]/,
  });
  await panelOf(other).getByRole("alert").waitFor();
});

test("a value of the details can be added to the search", async (t) => {
  const plain = (value) => Number.isSafeInteger(value) || /^\w+$/.test(value);
  const event = await withFields(plain);
  const page = await openDashboard(t, { search: around(event) });
  await page.locator(`.row[data-id="${event.id}"]`).click();
  const key = Object.keys(event.fields).find((name) => plain(event.fields[name]));
  await panelOf(page)
    .getByRole("button", { name: new RegExp(`^Search for ${key} `) })
    .click();
  await page.waitForURL((url) => url.searchParams.get("q")?.startsWith(`${key}:`) === true);
  await page.locator(".rows:not(.dimmed)").waitFor();
  assert.equal(await page.locator(`.row[data-id="${event.id}"]`).count(), 1, "it still matches");
});

test("copy as JSON and copy as curl give the event", async (t) => {
  const event = await withFields();
  const page = await openDashboard(t, {
    search: around(event),
    permissions: ["clipboard-read", "clipboard-write"],
  });
  await page.locator(`.row[data-id="${event.id}"]`).click();
  const copied = async (name) => {
    const button = panelOf(page).getByRole("button", { name });
    await button.click();
    await button.getByText("Copied").waitFor();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  assert.deepEqual(JSON.parse(await copied("Copy JSON")), event);
  const curl = await copied("Copy as curl");
  const address = /^curl -sS '([^']+)'$/.exec(curl)?.[1];
  assert.ok(address?.startsWith(`${baseUrl()}/api/v1/logs/events/`), curl);
  assert.equal((await (await fetch(address)).json()).id, event.id);
});
