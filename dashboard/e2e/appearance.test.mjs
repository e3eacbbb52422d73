// How the page fits: a phone, a dark room, a reader without a mouse.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openDashboard } from "./browser.mjs";
import { manyIssues, newestErrors } from "./system.mjs";

const PHONE = { viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true };

const overflow = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

const nameless = (page) =>
  page
    .locator("button, input, a[href]")
    .evaluateAll((all) =>
      all
        .filter((el) => !(el.ariaLabel || el.textContent.trim() || el.labels?.length))
        .map((el) => el.outerHTML.slice(0, 120)),
    );

const luminance = (page) =>
  page.evaluate(() => {
    const [r, g, b] = getComputedStyle(document.documentElement)
      .backgroundColor.match(/[\d.]+/g)
      .map(Number);
    return (r + g + b) / 3;
  });

test("a phone shows everything without scrolling sideways", async (t) => {
  const page = await openDashboard(t, { ...PHONE, search: "?from=-24h" });
  assert.equal(await overflow(page), 0);
  await page.locator(".row").first().click();
  const panel = page.getByRole("dialog", { name: "Error details" });
  await panel.waitFor();
  const box = await panel.boundingBox();
  assert.deepEqual([box.x, box.width], [0, 360]);
  assert.equal(await overflow(page), 0);
  assert.equal(
    await panel.locator(".panel-body").evaluate((body) => body.scrollWidth - body.clientWidth),
    0,
  );
  await page.getByRole("button", { name: "Close the details" }).click();
  await page.getByRole("button", { name: "Custom time range" }).click();
  assert.equal(await overflow(page), 0);
});

/** One address of every page. */
async function everyPage() {
  const [{ id: issue }] = await manyIssues();
  const [{ id: event }] = await newestErrors();
  return ["", `issues/${issue}`, `events/${event}?scope=service`, "live?scope=all", "overview"];
}

test("no page scrolls sideways on a phone, and every control on it has a name", async (t) => {
  for (const path of await everyPage()) {
    const page = await openDashboard(t, { ...PHONE, path });
    assert.equal(await overflow(page), 0, path);
    assert.deepEqual(await nameless(page), [], path);
    await page.context().browser().close();
  }
});

test("a refresh of the front page moves nothing", async (t) => {
  await manyIssues();
  const page = await openDashboard(t, { path: "" });
  const tops = () =>
    page
      .locator(".card, .issue-columns, .pulse-part")
      .evaluateAll((parts) => parts.map((part) => Math.round(part.getBoundingClientRect().top)));
  const before = await tops();
  await page.waitForResponse((response) => response.url().includes("/api/v1/logs/stats"));
  await page.waitForLoadState("networkidle");
  assert.deepEqual(await tops(), before);
});

test("dark follows the system, and the toggle is remembered", async (t) => {
  const page = await openDashboard(t, { colorScheme: "dark" });
  assert.ok((await luminance(page)) < 60);
  await page.getByRole("button", { name: "Switch to light colours" }).click();
  assert.ok((await luminance(page)) > 200);
  await page.reload();
  await page.getByRole("button", { name: "Switch to dark colours" }).waitFor();
  assert.ok((await luminance(page)) > 200);
});

test("light is light", async (t) => {
  const page = await openDashboard(t, { colorScheme: "light" });
  assert.ok((await luminance(page)) > 200);
});

test("every control has a name, and the focus is visible", async (t) => {
  const page = await openDashboard(t);
  await page.locator(".row").first().click();
  assert.deepEqual(await nameless(page), []);
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, "solid");
});

test("the help sheet opens by key and closes by key", async (t) => {
  const page = await openDashboard(t);
  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keys and search" });
  await sheet.waitFor();
  await page.keyboard.press("Escape");
  await sheet.waitFor({ state: "hidden" });
});
