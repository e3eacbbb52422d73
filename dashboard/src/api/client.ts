// Talks to the API: one function per endpoint the page reads. Every failure leaves as an `ApiError`.

import { noteServerTime } from "../state/clock";
import { ApiError, errorFromAnswer, errorFromFailure, isAbort } from "./error";
import { parseExact } from "./json";
import { eventPath, issuePath } from "./queries";
import { absolute } from "./root";
import type {
  Activity,
  Context,
  ErrorEvent,
  ErrorPage,
  Issue,
  IssueChange,
  IssueDetails,
  IssuePage,
  Readiness,
  Services,
  Stats,
  Status,
} from "./types";

/** No refresh may hang longer than this; the next one would only queue up behind it. */
const TIMEOUT_MS = 15_000;

export function getErrorPage(path: string, signal: AbortSignal): Promise<ErrorPage> {
  return getJson<ErrorPage>(path, signal);
}

export function getStats(path: string, signal: AbortSignal): Promise<Stats> {
  return getJson<Stats>(path, signal);
}

export function getServices(signal: AbortSignal): Promise<Services> {
  return getJson<Services>("api/v1/logs/services", signal);
}

export function getEvent(id: string, signal: AbortSignal): Promise<ErrorEvent> {
  return getJson<ErrorEvent>(eventPath(id), signal);
}

export function getContext(path: string, signal: AbortSignal): Promise<Context> {
  return getJson<Context>(path, signal);
}

export function getIssuePage(path: string, signal: AbortSignal): Promise<IssuePage> {
  return getJson<IssuePage>(path, signal);
}

export function getIssue(id: string, signal: AbortSignal): Promise<IssueDetails> {
  return getJson<IssueDetails>(issuePath(id), signal);
}

/** `undefined` where nothing is archived: what happened is known to the archive only. */
export async function getActivity(
  id: string,
  signal: AbortSignal,
): Promise<Activity[] | undefined> {
  try {
    const path = `${issuePath(id)}/activity`;
    return (await getJson<{ activity: Activity[] }>(path, signal)).activity;
  } catch (cause) {
    if (cause instanceof ApiError && cause.status === 409) return undefined;
    throw cause;
  }
}

export function changeIssue(id: string, change: IssueChange): Promise<Issue> {
  return send<Issue>("PATCH", issuePath(id), change);
}

export async function changeIssues(ids: readonly string[], change: IssueChange): Promise<Issue[]> {
  return (await send<{ issues: Issue[] }>("PATCH", "api/v1/issues", { ids, ...change })).issues;
}

export function mergeIssue(id: string, into: string): Promise<unknown> {
  return send("POST", `${issuePath(id)}/merge`, { into });
}

export function unmergeIssue(id: string): Promise<unknown> {
  return send("POST", `${issuePath(id)}/unmerge`);
}

export function getStatus(signal: AbortSignal): Promise<Status> {
  return getJson<Status>("api/v1/status", signal);
}

/** "Not ready" is an answer here, not a failure. */
export async function getReadiness(signal: AbortSignal): Promise<Readiness> {
  const response = await request("ready", signal);
  const body = await response.text();
  if (response.ok) return { ready: true, reasons: [] };
  return { ready: false, reasons: readinessReasons(body) };
}

/** The reasons in a "not ready" answer: strings, or objects that carry a sentence. */
export function readinessReasons(body: string): string[] {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== "object" || parsed === null) return [];
    const { reasons, message } = parsed as { reasons?: unknown; message?: unknown };
    if (Array.isArray(reasons)) {
      return reasons.map((reason) => {
        if (typeof reason === "string") return reason;
        const inner = (reason as { message?: unknown } | null)?.message;
        return typeof inner === "string" ? inner : JSON.stringify(reason);
      });
    }
    return typeof message === "string" ? [message] : [];
  } catch {
    return [];
  }
}

async function getJson<T>(path: string, signal: AbortSignal): Promise<T> {
  return answerOf<T>(await request(path, signal));
}

/** A request that changes something. Nobody cancels it: half the answer would be known to the server only. */
async function send<T>(method: string, path: string, body?: object): Promise<T> {
  const content = body && { body: JSON.stringify(body), headers: JSON_HEADERS };
  return answerOf<T>(await request(path, undefined, { method, headers: ACCEPT, ...content }));
}

const ACCEPT = { accept: "application/json" };
const JSON_HEADERS = { ...ACCEPT, "content-type": "application/json" };

async function answerOf<T>(response: Response): Promise<T> {
  try {
    const text = await response.text();
    if (!response.ok) throw errorFromAnswer(response.status, response.statusText, text);
    return (text === "" ? undefined : parseExact(text)) as T;
  } catch (cause) {
    throw isAbort(cause) ? cause : errorFromFailure(cause);
  }
}

async function request(
  path: string,
  signal: AbortSignal | undefined,
  init: RequestInit = { headers: ACCEPT },
): Promise<Response> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(absolute(path), {
      ...init,
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      cache: "no-store",
    });
    noteServerTime(response.headers.get("date"));
    return response;
  } catch (cause) {
    throw isAbort(cause) ? cause : errorFromFailure(cause);
  }
}
