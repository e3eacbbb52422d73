// The page of one error: the lines around it, read back from Kafka.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openDashboard } from "./browser.mjs";
import { api, eventually, newestErrors } from "./system.mjs";

const open = (t, event, options = {}) =>
  openDashboard(t, { path: `events/${event.id}`, ...options });
const contextOf = async (event, query) =>
  (await api(`api/v1/logs/events/${event.id}/context?${query}`)).body;
const lines = (page) => page.locator(".line-row");
const loaded = (page) => page.locator(".lines-box[aria-busy=false]").waitFor();

/** An error of a demo service with so many lines before it. */
const errorWith = (before, accepts = () => true) =>
  eventually(`an error with ${before} lines before it`, async () => {
    for (const event of (await newestErrors()).filter(accepts)) {
      const context = await contextOf(event, `before=${before}&after=5`);
      if (context.before?.length === before && context.after.length > 0) return event;
    }
    return undefined;
  });

test("the lines around an error are shown in order, with the error marked in their middle", async (t) => {
  const event = await errorWith(50);
  const page = await open(t, event);
  await loaded(page);
  const { before } = await contextOf(event, "before=50&after=0");
  const marked = page.locator(".line-marked");
  assert.equal(await marked.count(), 1);
  assert.equal(await marked.locator(".line-row").getAttribute("data-id"), event.id);
  assert.equal(await marked.getAttribute("aria-current"), "true");
  const times = await page.locator(".line-time").evaluateAll((all) => all.map((el) => el.dateTime));
  assert.deepEqual(
    times.slice(0, 50),
    before.map((line) => line.timestamp),
  );
  assert.equal(times[50], event.timestamp);
  assert.ok(times.length > 51);
  const levels = await page.locator(".line .level").allInnerTexts();
  assert.ok(new Set(levels).size > 1, "lines of other levels too");

  const box = await page.locator(".lines-box").boundingBox();
  const line = await marked.boundingBox();
  assert.ok(line.y > box.y && line.y + line.height < box.y + box.height, "the error is in sight");
});

test("more lines are loaded above, and what is being read stays where it is", async (t) => {
  const event = await errorWith(60);
  const page = await open(t, event);
  await loaded(page);
  const box = page.locator(".lines-box");
  await box.evaluate((el) => (el.scrollTop = 0));
  const first = lines(page).first();
  const id = await first.getAttribute("data-id");
  const place = async () => (await page.locator(`.line-row[data-id="${id}"]`).boundingBox()).y;
  const before = await place();
  await page.getByRole("button", { name: "Load more before" }).click();
  await page.waitForURL(/[?&]before=100/);
  await eventually("older lines are above", async () =>
    (await first.getAttribute("data-id")) !== id ? true : undefined,
  );
  assert.ok(Math.abs((await place()) - before) < 1.5, `${before} -> ${await place()}`);

  const other = await open(t, event, { search: "?before=100" });
  await loaded(other);
  assert.equal(
    await lines(other).first().getAttribute("data-id"),
    await first.getAttribute("data-id"),
  );
});

test("the lines of the instance, the service or the trace are switched, each with its link", async (t) => {
  const event = await errorWith(5, (error) => error.trace_id !== undefined);
  const page = await open(t, event);
  await loaded(page);
  assert.equal(await page.locator(".line-service").count(), 0);
  await page.getByRole("button", { name: "Service", exact: true }).click();
  await page.waitForURL(/[?&]scope=service/);
  await eventually("only its service", async () => {
    const names = new Set(await page.locator(".line-service").allInnerTexts());
    return names.size === 1 && names.has(event.service) ? true : undefined;
  });
  await page.getByRole("button", { name: "Trace", exact: true }).click();
  await page.waitForURL(/[?&]scope=trace/);
  await loaded(page);
  const { before, after } = await contextOf(event, "scope=trace");
  await eventually("the lines of its trace", async () =>
    (await lines(page).count()) === before.length + 1 + after.length ? true : undefined,
  );
  for (const line of [...before, ...after]) assert.equal(line.trace_id, event.trace_id);
  await page.goBack();
  await page.waitForURL(/[?&]scope=service/);
});

test("the keyboard walks from the error, and opens a line", async (t) => {
  const event = await errorWith(5);
  const page = await open(t, event);
  await loaded(page);
  const marked = await page
    .locator(".line")
    .evaluateAll((all) => all.findIndex((el) => el.classList.contains("line-marked")));
  await page.keyboard.press("k");
  const id = await page.evaluate(() => document.activeElement?.dataset.id);
  assert.equal(
    id,
    await lines(page)
      .nth(marked - 1)
      .getAttribute("data-id"),
  );
  await page.keyboard.press("Enter");
  const details = page.locator(".line.open .line-details");
  await details.waitFor();
  await details.getByText("logged", { exact: true }).waitFor();
  await page.keyboard.press("Escape");
  await page.waitForURL(`**/issues/${event.issue_id}`);
});

test("an error that is not there is explained", async (t) => {
  const page = await open(t, { id: "nobody-1" }, { expected: /status of 404/ });
  await page.getByText("This error is not here any more").waitFor();
  assert.equal(await page.locator(".notice").count(), 0);
});

test("lines that were kept outlive the error and Kafka", async (t) => {
  const event = await errorWith(5);
  const context = await contextOf(event, "before=5&after=0");
  const kept = { ...context, source: "snapshot", taken_at: "2026-11-20T10:00:00.000000Z" };
  const prepare = async (page) => {
    await page.route(/\/api\/v1\/logs\/events\/[^/]*$/, (route) =>
      route.fulfill({ status: 404, json: { error: { code: "x", message: "expired" } } }),
    );
    await page.route("**/context?*", (route) => route.fulfill({ json: kept }));
  };
  const page = await open(t, event, { expected: /status of 404/, prepare });
  await page.locator(".line-marked").waitFor();
  await page.getByText(/5 before, 0 after; kept Nov 20 \d\d:\d\d/).waitFor();
  assert.equal(await page.locator(".notice").count(), 0);
});

test("without Kafka's answer the error is still shown, and the lines are tried again", async (t) => {
  const event = await errorWith(5);
  const page = await open(t, event, { expected: /status of 503/ });
  await loaded(page);
  await page.route("**/context?*", (route) =>
    route.fulfill({
      status: 503,
      contentType: "application/json",
      body: '{"message":"x","error":{"code":"busy","message":"too many requests at once"}}',
    }),
  );
  await page.getByRole("button", { name: "Service", exact: true }).click();
  await page.getByRole("alert").getByText("too many requests at once").waitFor();
  assert.equal(await page.locator(".line-marked").count(), 1);
  await page.unroute("**/context?*");
  await page.locator(".line-service").first().waitFor();
  await page.locator(".around-failed").waitFor({ state: "detached" });
});
