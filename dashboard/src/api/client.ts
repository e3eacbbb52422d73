// Talks to the API: one function per endpoint the page reads. Every failure leaves as an `ApiError`.

import { noteServerTime } from "../state/clock";
import { errorFromAnswer, errorFromFailure, isAbort } from "./error";
import { parseExact } from "./json";
import { eventPath } from "./queries";
import type { ErrorEvent, ErrorPage, Readiness, Services, Stats, Status } from "./types";

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
  const response = await request(path, signal);
  try {
    if (response.ok) return parseExact(await response.text()) as T;
    throw errorFromAnswer(response.status, response.statusText, await response.text());
  } catch (cause) {
    throw isAbort(cause) ? cause : errorFromFailure(cause);
  }
}

async function request(path: string, signal: AbortSignal): Promise<Response> {
  try {
    const response = await fetch(path, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      headers: { accept: "application/json" },
      cache: "no-store",
    });
    noteServerTime(response.headers.get("date"));
    return response;
  } catch (cause) {
    throw isAbort(cause) ? cause : errorFromFailure(cause);
  }
}
