// The live page: lines as they come.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openDashboard } from "./browser.mjs";
import { anotherError, eventually, newestErrors } from "./system.mjs";

const open = (t, options = {}) => openDashboard(t, { path: "live", ...options });
const lines = (page) => page.locator(".line-row");
const atLeast = (page, n) =>
  eventually(`${n} lines`, async () => ((await lines(page).count()) >= n ? true : undefined));

test("every line of the logs topic arrives, and the newest stays in sight", async (t) => {
  const page = await open(t, { search: "?scope=all", viewport: { width: 1200, height: 520 } });
  await page.getByText("live", { exact: true }).waitFor();
  await atLeast(page, 30);
  const levels = new Set(await page.locator(".line .level").allInnerTexts());
  assert.ok(levels.has("INFO"), [...levels].join());
  await eventually("the end is in sight", async () => {
    const rest = await page
      .locator(".lines-box")
      .evaluate((el) => el.scrollHeight - el.scrollTop - el.clientHeight);
    return rest < 2 ? true : undefined;
  });
});

test("whoever scrolls up is left in peace, and comes back with a press", async (t) => {
  const page = await open(t, { search: "?scope=all", viewport: { width: 1200, height: 520 } });
  await atLeast(page, 40);
  const box = page.locator(".lines-box");
  await box.evaluate((el) => (el.scrollTop = 0));
  const newest = page.getByRole("button", { name: "To the newest" });
  await newest.waitFor();
  const before = await lines(page).count();
  await atLeast(page, before + 5);
  assert.equal(await box.evaluate((el) => el.scrollTop), 0);
  await newest.click();
  await newest.waitFor({ state: "detached" });
});

test("an error arrives as it is stored, with a way to its issue", async (t) => {
  const page = await open(t);
  await page.getByText("live", { exact: true }).waitFor();
  const known = new Set((await newestErrors()).map((error) => error.id));
  const error = await anotherError(known);
  const line = page.locator(`.line-row[data-id="${error.id}"]`);
  await line.waitFor();
  await line.click();
  await page.locator(".line.open").getByRole("link", { name: "Its issue" }).click();
  await page.waitForURL(`**/issues/${error.issue_id}`);
});

test("a pause holds the lines back and says how many wait", async (t) => {
  const page = await open(t, { search: "?scope=all" });
  await atLeast(page, 5);
  await page.keyboard.press("p");
  const before = await lines(page).count();
  const resume = page.getByRole("button", { name: /^Resume: \d+ waiting$/ });
  await resume.waitFor();
  assert.equal(await lines(page).count(), before);
  await resume.click();
  await atLeast(page, before + 1);
  await page.keyboard.press("c");
  await eventually("it is cleared", async () =>
    (await lines(page).count()) < before ? true : undefined,
  );
});

test("the filters stand in the address, and narrow what comes", async (t) => {
  const page = await open(t);
  await page.getByRole("button", { name: "All lines" }).click();
  await page.waitForURL(/[?&]scope=all/);
  await page.getByRole("button", { name: "Warn" }).click();
  await page.waitForURL(/[?&]level=WARN,ERROR,CRITICAL/);
  await page.getByRole("button", { name: "Services", exact: true }).click();
  await page.getByRole("checkbox", { name: "usermanagement" }).check();
  await page.waitForURL(/[?&]service=usermanagement/);
  await atLeast(page, 3);
  const levels = await page.locator(".line .level").allInnerTexts();
  assert.ok(
    levels.every((level) => ["WARN", "ERROR", "CRITICAL"].includes(level)),
    levels.join(),
  );
  const services = new Set(await page.locator(".line-service").allInnerTexts());
  assert.deepEqual([...services], ["usermanagement"]);

  const other = await open(t, { search: new URL(page.url()).search });
  const pressed = await other.locator(".filters [aria-pressed=true]").allInnerTexts();
  assert.deepEqual(pressed, ["All lines", "Warn"]);
});

test("a search that cannot be read says why", async (t) => {
  const page = await open(t, { expected: /status of 400|MIME type/ });
  await page.keyboard.press("/");
  await page.keyboard.type('"unclosed');
  await page.locator("#search-error").waitFor();
  await page.getByText("refused", { exact: true }).waitFor();
});
