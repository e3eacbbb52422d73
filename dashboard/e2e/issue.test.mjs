// The page of one issue.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openDashboard } from "./browser.mjs";
import { api, change, eventually, manyIssues } from "./system.mjs";

const open = (t, id, options = {}) => openDashboard(t, { path: `issues/${id}`, ...options });
const detailsOf = async (id) => (await api(`api/v1/issues/${id}`)).body;

/** An issue that accepts; its details. */
const issueWith = (what, accepts) =>
  eventually(`an issue with ${what}`, async () => {
    for (const { id } of await manyIssues(1)) {
      const details = await detailsOf(id);
      if (accepts(details)) return details;
    }
    return undefined;
  });

test("the page shows what the API knows, and why the errors are one issue", async (t) => {
  const issue = await issueWith(
    "fields",
    ({ latest }) => Object.keys(latest.fields ?? {}).length > 0,
  );
  const page = await open(t, issue.id);
  await page.keyboard.press("p");
  assert.equal(await page.locator("h1").innerText(), issue.title);
  const why = await page.getByRole("region", { name: "Why these are one issue" }).innerText();
  assert.ok(issue.grouping.components.length > 0);
  for (const { value } of issue.grouping.components) assert.ok(why.includes(value), value);
  const hosts = await page.getByRole("region", { name: "Hosts" }).innerText();
  for (const host of Object.keys(issue.by_host)) assert.ok(hosts.includes(host), host);
  const latest = await page.getByRole("region", { name: "Latest error" }).innerText();
  for (const key of Object.keys(issue.latest.fields)) assert.ok(latest.includes(key), key);
  assert.equal(await page.locator(".trend-bars li").count(), issue.trend.counts.length);
  const activity = page.getByRole("region", { name: "Activity" });
  assert.match(await activity.innerText(), /First error/);
});

test("a stack opens with the application's own frames, and unfolds", async (t) => {
  const issue = await issueWith("a stack of own and other frames", ({ latest }) =>
    /\/rustc\/[^]*\.\/services\//.test(latest.error?.stack ?? ""),
  );
  const page = await open(t, issue.id);
  const stack = page.getByRole("group", { name: "Stack" });
  await stack.getByText("./services/").first().waitFor();
  assert.equal(await stack.getByText("/rustc/").count(), 0);
  await stack
    .getByRole("button", { name: /library frames?/ })
    .first()
    .click();
  assert.ok((await stack.getByText("/rustc/").count()) > 0);
  await page.getByRole("button", { name: "All frames" }).click();
  assert.equal(await stack.getByRole("button").count(), 0);
});

test("an issue is resolved for a version, ignored for a while, and opened again", async (t) => {
  const [{ id }] = await manyIssues();
  t.after(() => change(id, { status: "open" }));
  const page = await open(t, id);
  await page.getByRole("button", { name: "Resolve in a version" }).click();
  await page.getByLabel("Resolved in version").fill("99.1.0");
  await page.locator(".menu").getByRole("button", { name: "Resolve" }).click();
  await page.getByText(/Resolved in version 99\.1\.0/).waitFor();
  await page.getByText("Resolved in 99.1.0").waitFor();
  assert.equal((await detailsOf(id)).resolved_in_version, "99.1.0");

  await page.getByRole("button", { name: "Ignore", exact: true }).click();
  await page.getByRole("button", { name: "For 1 hour" }).click();
  await page
    .getByText(/^Ignored until \w+ \d+ \d\d:\d\d$/)
    .first()
    .waitFor();
  await eventually("the server knows", async () =>
    (await detailsOf(id)).ignore_until ? true : undefined,
  );

  await page.keyboard.press("o");
  await page.getByText("Reopened").first().waitFor();
  assert.equal((await detailsOf(id)).status, "open");
  const activity = page.getByRole("region", { name: "Activity" });
  await activity.getByText("99.1.0").waitFor();
});

test("r resolves, i ignores, and undo goes back", async (t) => {
  const [{ id }] = await manyIssues();
  t.after(() => change(id, { status: "open" }));
  const page = await open(t, id);
  await page.keyboard.press("i");
  await page.locator(".badge", { hasText: "ignored" }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await eventually("it is open again", async () =>
    (await detailsOf(id)).status === "open" ? true : undefined,
  );
  const answered = page.waitForResponse((answer) =>
    /"resolved"/.test(answer.request().postData() ?? ""),
  );
  await page.keyboard.press("r");
  assert.equal((await (await answered).json()).status, "resolved");
});

test("an assignee and a note are kept, and keys are letters while they are written", async (t) => {
  const [{ id }] = await manyIssues();
  t.after(() => change(id, { assignee: null, note: null }));
  const page = await open(t, id);
  await page.getByRole("button", { name: "Assign", exact: true }).click();
  await page.getByLabel("Assignee").last().fill("");
  await page.keyboard.type("irko");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Assigned: irko").waitFor();
  await page.getByRole("button", { name: "Write a note" }).click();
  await page.keyboard.type("see the runbook");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Note saved").waitFor();
  const { assignee, note, status } = await detailsOf(id);
  assert.deepEqual([assignee, note, status], ["irko", "see the runbook", "open"]);
});

test("two issues are merged by hand, and parted again", async (t) => {
  const issues = await manyIssues();
  // There are more issues than services, so one has two.
  const otherOf = ({ id, service }) =>
    issues.find((issue) => issue.service === service && issue.id !== id);
  const { id, service } = issues.findLast(otherOf);
  const other = otherOf({ id, service });
  const page = await open(t, id);
  await page.getByRole("button", { name: "Merge into another issue" }).click();
  await page
    .locator(`.merge .menu-item[title="${other.title.replaceAll('"', '\\"')}"]`)
    .first()
    .click();
  await page.waitForURL((url) => !url.pathname.endsWith(id));
  const into = new URL(page.url()).pathname.split("/").at(-1);
  assert.ok((await detailsOf(into)).merged.includes(id));
  await page.getByRole("button", { name: `Unmerge ${id}` }).click();
  await eventually("it is an issue of its own", async () =>
    (await detailsOf(into)).merged.includes(id) ? undefined : true,
  );
});

test("its errors are walked by keyboard, and open with the lines around them", async (t) => {
  const issue = await issueWith("two errors", ({ count }) => count > 1);
  const page = await open(t, issue.id);
  await page.keyboard.press("p");
  await page.locator(".event-row").nth(1).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  const id = await page.locator(".event-row").nth(1).getAttribute("data-id");
  assert.equal(await page.evaluate(() => document.activeElement?.dataset.id), id);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => decodeURIComponent(url.pathname).endsWith(`/events/${id}`));
  await page.locator(".line-marked").waitFor();
  await page.keyboard.press("Escape");
  await page.waitForURL(`**/issues/${issue.id}`);
});

test("an issue that is not there is explained, with a way out", async (t) => {
  const page = await open(t, "0".repeat(32), { expected: /status of 404/ });
  await page.getByText("There is no such issue").waitFor();
  assert.equal(await page.locator(".notice").count(), 0);
  await page.getByRole("link", { name: "All issues" }).click();
  await page.locator(".issue-row").first().waitFor();
});
