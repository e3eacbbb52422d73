// The front page: which issues there are, how they are narrowed, and what is done about them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { baseUrl, openDashboard } from "./browser.mjs";
import { api, change, eventually, manyIssues } from "./system.mjs";

const open = (t, options = {}) => openDashboard(t, { path: "", ...options });
const rows = (page) => page.locator(".issue-row");
const idOf = (page, n) => rows(page).nth(n).getAttribute("data-id");
const row = (page, id) => page.locator(`.issue-row[data-id="${id}"]`);
const focused = (page) => page.evaluate(() => document.activeElement?.dataset.id);
const parameter = (page, name) => new URL(page.url()).searchParams.get(name);
const statusOf = async (id) => (await api(`api/v1/issues/${id}`)).body.status;

/** A list of several issues that stands still, the one that was quiet for longest first under the keyboard. */
async function still(t, options) {
  await manyIssues();
  const page = await open(t, options);
  await page.keyboard.press("p");
  return page;
}

test("the front page lists every open issue with its numbers", async (t) => {
  const known = await manyIssues();
  const page = await open(t);
  for (const issue of known) {
    const shown = row(page, issue.id);
    await shown.waitFor();
    const text = await shown.innerText();
    for (const part of [issue.service, issue.level]) assert.ok(text.includes(part), part);
    assert.ok(text.includes(issue.title.trim().split("\n")[0]), issue.title);
    assert.match(await shown.locator("svg").getAttribute("aria-label"), /\d+ in the last 24 hours/);
    for (const time of ["First seen", "Last seen"]) {
      const when = shown.locator(`time[title^="${time} "]`);
      assert.match(await when.innerText(), /^(now|\d+ (s|min|h|d))$/);
    }
  }
  assert.match(await page.locator(".tabs [aria-pressed=true]").innerText(), /^Open\s*\d+/);
});

test("what is new and where is said at a glance, and leads there", async (t) => {
  await manyIssues();
  const page = await open(t);
  const glance = page.getByRole("region", { name: "New, growing, where" });
  const newest = glance.getByRole("link").first();
  await newest.waitFor();
  const title = await newest.locator(".glance-title").innerText();
  const where = glance.getByRole("button").first();
  const service = await where.locator(".glance-title").innerText();
  await where.click();
  await page.waitForURL((url) => url.searchParams.get("service") === service);
  await where.click();
  await page.waitForURL((url) => !url.searchParams.has("service"));
  await page.goto(await newest.getAttribute("href"));
  await page.locator("h1.detail-title").waitFor();
  assert.ok(title.length > 0);
});

test("j and k move, Enter opens, Escape comes back to the same row", async (t) => {
  const page = await still(t);
  await page.keyboard.press("j");
  assert.equal(await focused(page), await idOf(page, 0));
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  const id = await idOf(page, 1);
  assert.equal(await focused(page), id);
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/issues/${id}`);
  await page.locator("h1.detail-title").waitFor();
  await page.keyboard.press("Escape");
  await row(page, id).waitFor();
  await eventually("the row has the focus again", async () =>
    (await focused(page)) === id ? true : undefined,
  );
});

test("i ignores the issue under the keyboard, and undo takes it back", async (t) => {
  const page = await still(t);
  await page.keyboard.press("j");
  const [id, next] = [await idOf(page, 0), await idOf(page, 1)];
  t.after(() => change(id, { status: "open" }));
  await page.keyboard.press("i");
  await row(page, id).waitFor({ state: "detached" });
  assert.equal(await focused(page), next, "the keyboard goes on with the next row");
  await page.locator(".toast").getByText("Ignored: ").waitFor();
  assert.equal(await statusOf(id), "ignored");

  await page.getByRole("button", { name: "Undo" }).click();
  await row(page, id).waitFor();
  assert.equal(await statusOf(id), "open");
});

test("r resolves the issue under the keyboard", async (t) => {
  const page = await still(t);
  await page.keyboard.press("j");
  const id = await focused(page);
  t.after(() => change(id, { status: "open" }));
  const answered = page.waitForResponse((answer) => answer.request().method() === "PATCH");
  await page.keyboard.press("r");
  const { issues } = await (await answered).json();
  assert.deepEqual(
    issues.map((issue) => [issue.id, issue.status]),
    [[id, "resolved"]],
  );
  await page.locator(".toast").getByText("Resolved: ").waitFor();
});

test("several are chosen, ignored at once, and undone at once", async (t) => {
  const page = await still(t);
  const ids = [await idOf(page, 0), await idOf(page, 2)];
  t.after(() => Promise.all(ids.map((id) => change(id, { status: "open" }))));
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await page.getByRole("checkbox").nth(3).check();
  await page.getByText("2 selected").waitFor();
  await page.getByRole("button", { name: "Ignore", exact: true }).click();
  await page.getByText("Ignored 2 issues").waitFor();
  for (const id of ids) assert.equal(await statusOf(id), "ignored");

  await page.getByRole("button", { name: "Undo" }).click();
  for (const id of ids) await row(page, id).waitFor();
  for (const id of ids) assert.equal(await statusOf(id), "open");
});

test("state, order and service stand in the address, and a shared link reproduces them", async (t) => {
  const [{ id, service }] = await manyIssues();
  await change(id, { status: "ignored" });
  t.after(() => change(id, { status: "open" }));
  const page = await open(t);
  await page.getByRole("button", { name: /^Ignored/ }).click();
  await page.waitForURL(/[?&]status=ignored/);
  await row(page, id).waitFor();
  await page.getByRole("button", { name: /^Sort by Errors/ }).click();
  await page.waitForURL(/[?&]sort=count/);
  await page.getByRole("button", { name: "Services", exact: true }).click();
  await page.getByRole("checkbox", { name: service, exact: true }).check();
  await page.waitForURL((url) => url.searchParams.get("service") === service);

  const other = await open(t, { path: "issues", search: new URL(page.url()).search });
  await row(other, id).waitFor();
  assert.match(await other.locator(".tabs [aria-pressed=true]").innerText(), /^Ignored/);
  assert.equal(await other.locator(".col[aria-pressed=true]").innerText(), "Errors");
  await page.goBack();
  await page.waitForURL((url) => !url.searchParams.has("service"));
});

test("a search narrows the list and marks what it found; a refused one says why", async (t) => {
  const [{ title }] = await manyIssues();
  const word = title.match(/[a-z]{4,}/i)[0];
  const page = await open(t, { expected: /status of 400/ });
  await page.keyboard.press("/");
  await page.keyboard.type(word);
  await page.waitForURL((url) => url.searchParams.get("q") === word);
  await eventually("the rows are those that match", async () => {
    const { issues } = (await api(`api/v1/issues?q=${word}&limit=50`)).body;
    const found = issues.map((issue) => issue.id).sort();
    const shown = await rows(page).evaluateAll((all) => all.map((el) => el.dataset.id).sort());
    return found.join() === shown.join() ? true : undefined;
  });
  assert.ok((await rows(page).locator("mark").count()) > 0);
  const box = page.getByRole("textbox", { name: "Search issues" });
  await box.fill('"unclosed');
  await page.locator("#search-error").waitFor();
  await box.fill("zzz-no-such-word");
  await page.getByText("No issues match these filters").waitFor();
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await rows(page).first().waitFor();
  assert.equal(parameter(page, "q"), null);
});

test("a refresh keeps the row that has the focus, wherever it moves", async (t) => {
  await manyIssues();
  const page = await open(t);
  // As in browsers that cannot move an element without taking it out of the page.
  await page.evaluate(() => delete Element.prototype.moveBefore);
  await page.keyboard.press("j");
  const id = await focused(page);
  await page.route(/\/api\/v1\/issues\?.*sort=last_seen/, async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    const [first, ...others] = body.issues.toSorted((a, b) => (b.id === id) - (a.id === id));
    await route.fulfill({ response, json: { ...body, issues: [...others, first] } });
  });
  await eventually("the row has moved to the end", async () =>
    (await rows(page).last().getAttribute("data-id")) === id ? true : undefined,
  );
  assert.equal(await focused(page), id);
});

test("without the server the list stays, and says how old it is", async (t) => {
  const page = await open(t, { expected: /ERR_INTERNET_DISCONNECTED/ });
  const before = await rows(page).count();
  await page.context().setOffline(true);
  await page.locator(".notice").getByText("Refresh failed").waitFor();
  assert.equal(await rows(page).count(), before);
  await page.keyboard.press("j");
  await page.keyboard.press("i");
  await page.getByRole("alert").getByText("Not done: ").waitFor();
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Try now" }).click();
  await page.locator(".notice").waitFor({ state: "detached" });
});

test("a link of the time when the overview was the front page still opens its error", async (t) => {
  const page = await openDashboard(t, {
    path: "",
    search: "?event=none",
    expected: /status of 40/,
  });
  await page.getByRole("dialog", { name: "Error details" }).waitFor();
  assert.ok(page.url().startsWith(baseUrl()));
});
