// How the page fits: a phone, a dark room, a reader without a mouse.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openDashboard } from "./browser.mjs";

const PHONE = { viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true };

const overflow = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

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
  const nameless = await page
    .locator("button, input, a[href]")
    .evaluateAll((all) =>
      all
        .filter((el) => !(el.ariaLabel || el.textContent.trim() || el.labels?.length))
        .map((el) => el.outerHTML.slice(0, 120)),
    );
  assert.deepEqual(nameless, []);
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
