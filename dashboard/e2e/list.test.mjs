// What the page lists, and how it is narrowed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { baseUrl, openDashboard } from "./browser.mjs";
import { api, eventually, newestErrors } from "./system.mjs";

const services = (page) => page.locator(".row .row-service").allTextContents();

test("the page is served with a strict policy, and the browser enforces it", async (t) => {
  const response = await fetch(`${baseUrl()}/`);
  const policy = response.headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe/);

  // Proves that the watch of all the other tests sees a violation when there is one.
  const seen = [];
  const page = await openDashboard(t, { expected: /policy violated|violates the following/ });
  page.on("console", (message) => seen.push(message.text()));
  await page.evaluate(() => document.body.setAttribute("style", "color: red"));
  await eventually("the violation is reported", async () =>
    seen.some((text) => text.startsWith("policy violated: style-src")) ? true : undefined,
  );
});

test("errors are listed with totals, histogram, services and pipeline", async (t) => {
  const page = await openDashboard(t, { search: "?from=-24h" });
  const known = await newestErrors("&from=-24h");
  const names = new Set(known.map((error) => error.service));
  assert.ok((await page.locator(".row").count()) > 0);
  for (const name of await services(page)) assert.ok(name.length > 0);

  const total = Number((await page.locator(".tile-value").first().innerText()).replace(/\D/g, ""));
  assert.ok(total > 0, "the total counts them");
  assert.match(await page.locator(".chart [role=img]").getAttribute("aria-label"), /\d+ errors/);
  for (const name of names) await page.locator(".bar-name", { hasText: name }).first().waitFor();

  const { body: status } = await api("api/v1/status");
  const pipeline = await page.locator("#pipeline").innerText();
  for (const { topic } of status.partitions) assert.ok(pipeline.includes(topic), topic);
  assert.match(pipeline, /Records read/);
  assert.match(pipeline, status.kafka.connected ? /Kafka\s+connected/ : /not connected/);
});

test("a service narrows the list and goes into the address, and back widens again", async (t) => {
  const page = await openDashboard(t, { search: "?from=-24h" });
  await page.locator(".bar", { hasText: "booking" }).click();
  await page.waitForURL(/[?&]service=booking(&|$)/);
  await eventually("only booking is listed", async () => {
    const shown = new Set(await services(page));
    return shown.size === 1 && shown.has("booking") ? true : undefined;
  });

  await page.goBack();
  await page.waitForURL((url) => !url.search.includes("service="));
  assert.equal(await page.locator(".bar[aria-pressed=true]").count(), 0);

  await page.getByRole("button", { name: "Services", exact: true }).click();
  await page.getByRole("checkbox", { name: "usermanagement" }).check();
  await page.waitForURL(/[?&]service=usermanagement/);
  await eventually("only usermanagement is listed", async () =>
    (await services(page)).every((name) => name === "usermanagement") ? true : undefined,
  );
});

test("a shared link reproduces the view", async (t) => {
  const page = await openDashboard(t, {
    search: "?from=-6h&service=booking&level=ERROR&q=booking",
  });
  assert.equal(await page.getByRole("textbox", { name: "Search errors" }).inputValue(), "booking");
  const pressed = await page.locator(".filters [aria-pressed=true]").allInnerTexts();
  assert.deepEqual(pressed, ["Error", "6h"]);
  await page.locator(".bar[aria-pressed=true]", { hasText: "booking" }).waitFor();
});

test("a search narrows the list and marks what it found", async (t) => {
  const plainWord = (error) =>
    error.message?.split(/\s+/).find((part) => /^[a-z]{4,}$/i.test(part));
  const sample = (await newestErrors("&from=-24h")).find((error) => plainWord(error) !== undefined);
  assert.ok(sample, "an error with a plain word in its message");
  const word = plainWord(sample);
  const page = await openDashboard(t, { search: "?from=-24h" });
  await page.keyboard.press("/");
  await page.keyboard.type(`${word} service:${sample.service}`);
  await page.waitForURL((url) => url.searchParams.get("q")?.startsWith(word) === true);
  await eventually("only matching rows stay, each marked", async () => {
    const rows = page.locator(".rows:not(.dimmed) .row");
    const marked = await rows.filter({ has: page.locator("mark") }).count();
    const shown = new Set(await services(page));
    const only = shown.size === 1 && shown.has(sample.service);
    return marked > 0 && only ? true : undefined;
  });

  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Clear the search" }).click();
  await page.waitForURL((url) => !url.searchParams.has("q"));
});

test("a search for nothing that exists says so and offers a way out", async (t) => {
  const page = await openDashboard(t, { search: "?q=zzz-no-such-word-zzz" });
  await page.getByText("No errors match these filters in the last hour").waitFor();
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await page.waitForURL((url) => url.search === "");
});

test("a bad search shows the server's message under the box", async (t) => {
  const refused = await eventually(
    "a search that the server refuses",
    async () => {
      for (const q of ['"unclosed', "level:nonsense", ":", '"'.repeat(3)]) {
        const answer = await api(`api/v1/logs/errors?q=${encodeURIComponent(q)}`);
        if (answer.status === 400) return { q, message: answer.body.error.message };
      }
      return undefined;
    },
    1_000,
  );
  const page = await openDashboard(t, { expected: /status of 400/ });
  const box = page.getByRole("textbox", { name: "Search errors" });
  await box.fill(refused.q);
  await page.locator("#search-error").waitFor();
  assert.equal(await page.locator("#search-error").innerText(), refused.message);
  assert.equal(await box.getAttribute("aria-invalid"), "true");
  assert.ok((await page.locator(".row").count()) > 0, "the old list stays");

  await box.fill("");
  await page.locator("#search-error").waitFor({ state: "detached" });
});

test("dragging over the histogram narrows the time range", async (t) => {
  const page = await openDashboard(t, { search: "?from=-24h" });
  const plot = await page.locator(".u-over").boundingBox();
  const y = plot.y + plot.height / 2;
  await page.mouse.move(plot.x + plot.width * 0.3, y);
  await page.mouse.down();
  await page.mouse.move(plot.x + plot.width * 0.6, y, { steps: 5 });
  await page.mouse.up();
  await page.waitForURL(/from=20\d\d-.*&to=20\d\d-/);
  const query = new URL(page.url()).searchParams;
  const hours = (Date.parse(query.get("to")) - Date.parse(query.get("from"))) / 3_600_000;
  assert.ok(hours > 6 && hours < 9, `30% of a day, got ${hours} h`);
});

test("older errors are loaded on request, and none twice", async (t) => {
  const { body } = await api("api/v1/logs/errors?from=-7d&limit=1");
  if (body.total <= 100) {
    t.diagnostic(`only ${body.total} errors: the end of the list is checked instead`);
    const page = await openDashboard(t, { search: "?from=-7d" });
    await page.getByText("No older errors in this time range").waitFor();
    return;
  }
  const page = await openDashboard(t, { search: "?from=-7d" });
  const before = await page.locator(".row").count();
  await page.getByRole("button", { name: "Load older" }).click();
  await eventually("the list grows", async () =>
    (await page.locator(".row").count()) > before ? true : undefined,
  );
  const ids = await page.locator(".row").evaluateAll((rows) => rows.map((row) => row.dataset.id));
  assert.equal(new Set(ids).size, ids.length);
});
