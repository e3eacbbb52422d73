// The page renews itself, stops when told to, and says so when it cannot.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openDashboard } from "./browser.mjs";
import { anotherError, eventually, newestErrors } from "./system.mjs";

const row = (page, id) => page.locator(`.row[data-id="${id}"]`);
const ids = (errors) => new Set(errors.map((error) => error.id));

test("a new error appears without a reload", async (t) => {
  const page = await openDashboard(t);
  await page.evaluate(() => (window.notReloaded = true));
  const fresh = await anotherError(ids(await newestErrors()));
  await row(page, fresh.id).waitFor();
  assert.equal(await page.evaluate(() => window.notReloaded), true);
});

test("pausing stops every request, and resuming catches up", async (t) => {
  const page = await openDashboard(t);
  await page.keyboard.press("p");
  await page.getByRole("button", { name: "Resume refreshing" }).waitFor();
  await page.waitForLoadState("networkidle");
  let requests = 0;
  page.on("request", () => (requests += 1));
  const fresh = await anotherError(ids(await newestErrors()));
  // Two refreshes would have come in this time: the absence of something has no event to wait for.
  await new Promise((resolve) => setTimeout(resolve, 11_000));
  assert.equal(requests, 0);
  assert.equal(await row(page, fresh.id).count(), 0);

  await page.keyboard.press("p");
  await row(page, fresh.id).waitFor();
});

test("a tab that nobody sees asks for nothing, and catches up when it is seen again", async (t) => {
  const page = await openDashboard(t);
  await page.waitForLoadState("networkidle");
  // A headless browser has no other tab to hide behind: the page is told that it is hidden, as the browser would.
  const hide = (hidden) =>
    page.evaluate((value) => {
      Object.defineProperty(document, "hidden", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await hide(true);
  let requests = 0;
  page.on("request", () => (requests += 1));
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  assert.equal(requests, 0);
  await hide(false);
  await eventually("it refreshes at once", async () => (requests > 0 ? true : undefined), 2_000);
});

test("a failed refresh keeps the data and says how old it is", async (t) => {
  const page = await openDashboard(t, { expected: /ERR_INTERNET_DISCONNECTED/ });
  const before = await page.locator(".row").count();
  await page.context().setOffline(true);
  const notice = page.locator(".notice");
  await notice.waitFor();
  await notice.getByText(/Refresh failed: logmonitor cannot be reached/).waitFor();
  await eventually("the age grows", async () =>
    /[2-9] s ago|\d\d s ago/.test(await notice.innerText()) ? true : undefined,
  );
  assert.equal(await page.locator(".row").count(), before);

  await page.context().setOffline(false);
  await notice.getByRole("button", { name: "Try now" }).click();
  await notice.waitFor({ state: "detached" });
});

test("new errors above do not move what is being read", async (t) => {
  // So low that the list has to be scrolled to, however short it is.
  const page = await openDashboard(t, {
    search: "?from=-24h",
    viewport: { width: 1440, height: 460 },
  });
  const last = Math.min(30, (await page.locator(".row").count()) - 1);
  const id = await page.locator(".row").nth(last).getAttribute("data-id");
  await page
    .locator(`.row[data-id="${id}"]`)
    .evaluate((el) => el.scrollIntoView({ block: "center" }));
  const top = async () => Math.round((await row(page, id).boundingBox()).y);
  const before = await top();
  const fresh = await anotherError(ids(await newestErrors()));
  await row(page, fresh.id).waitFor({ state: "attached" });
  assert.equal(await top(), before);
});

test("a refresh moves nothing that is being read", async (t) => {
  const page = await openDashboard(t, { search: "?from=-24h" });
  const tops = () =>
    page
      .locator(".tile, .chart, .side > .card, .list")
      .evaluateAll((parts) => parts.map((part) => Math.round(part.getBoundingClientRect().top)));
  const before = await tops();
  await page.waitForResponse((response) => response.url().includes("/api/v1/logs/stats"));
  await page.waitForLoadState("networkidle");
  assert.deepEqual(await tops(), before);
});

test("a click is one although errors arrive between press and release", async (t) => {
  const page = await openDashboard(t);
  const known = ids(await newestErrors());
  const first = page.locator(".row").first();
  const { id } = await first.evaluate((element) => element.dataset);
  await first.hover();
  await page.mouse.down();
  await anotherError(known);
  // Two refreshes would have come in this time.
  await new Promise((resolve) => setTimeout(resolve, 11_000));
  await page.mouse.up();
  await page.getByRole("dialog", { name: "Error details" }).waitFor();
  assert.equal(await row(page, id).getAttribute("aria-current"), "true");
});
