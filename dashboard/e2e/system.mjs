// The running system, asked without the browser: what the page must show is what the API says.

import assert from "node:assert/strict";
import { baseUrl } from "./browser.mjs";

/** How long anything may take that the running services cause: a new error, for one. */
export const DEADLINE_MS = 60_000;

export async function api(path) {
  const response = await fetch(`${baseUrl()}/${path}`);
  return { status: response.status, body: await response.json() };
}

/** The newest errors, newest first. */
export async function newestErrors(query = "") {
  const { status, body } = await api(`api/v1/logs/errors?limit=50${query}`);
  assert.equal(status, 200, body.message);
  return body.errors;
}

/** Asks until the answer is no longer `undefined`. */
export async function eventually(what, ask, deadlineMs = DEADLINE_MS) {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    assert.ok(Date.now() < end, `within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/**
 * An error that was not there before. The traffic of the demo services brings one by itself; where there is none,
 * ERROR_TRIGGER_URL names an address whose request makes a service log one.
 */
export async function anotherError(knownIds) {
  return eventually("a new error arrives", async () => {
    const trigger = process.env.ERROR_TRIGGER_URL;
    if (trigger) await fetch(trigger, { method: process.env.ERROR_TRIGGER_METHOD || "GET" });
    return (await newestErrors()).find((error) => !knownIds.has(error.id));
  });
}

/** The open issues, the latest first, once there are enough to choose from. */
export async function manyIssues(enough = 4) {
  return eventually("several issues are open", async () => {
    const { status, body } = await api("api/v1/issues?limit=50");
    assert.equal(status, 200, body.message);
    return body.issues.length >= enough ? body.issues : undefined;
  });
}

/** Changes an issue behind the page's back. */
export async function change(id, what) {
  const response = await fetch(`${baseUrl()}/api/v1/issues/${id}`, {
    method: "PATCH",
    body: JSON.stringify(what),
  });
  assert.equal(response.status, 200, await response.text());
}
