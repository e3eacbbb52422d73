// What can go wrong between the page and the API, as one error with a sentence a person can read.

/** A request that failed. `status` is 0 when no answer came at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** The query parameter the server refused, when it named one. */
  readonly parameter: string | undefined;

  constructor(status: number, code: string, message: string, parameter?: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.parameter = parameter;
  }

  /** The server understood the question and refuses it: asking again the same way will not help. */
  get isRefusal(): boolean {
    return this.status === 400 || this.status === 422;
  }
}

/** Reads an error answer. The body may be the API's own format, or anything a proxy put in its place. */
export function errorFromAnswer(status: number, statusText: string, body: string): ApiError {
  const parsed = parseObject(body);
  const detail = asObject(parsed?.["error"]);
  const message = text(detail?.["message"]) ?? text(parsed?.["message"]);
  const fallback = `the server answered ${status} ${statusText}`.trim();
  return new ApiError(
    status,
    text(detail?.["code"]) ?? "http_error",
    message ?? fallback,
    text(detail?.["parameter"]),
  );
}

/** The error for a request that never got an answer. */
export function errorFromFailure(cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause;
  if (cause instanceof SyntaxError) {
    return new ApiError(0, "bad_answer", "the server's answer was not readable");
  }
  if (cause instanceof DOMException && cause.name === "TimeoutError") {
    return new ApiError(0, "timeout", "logmonitor did not answer in time");
  }
  return new ApiError(0, "unreachable", "logmonitor cannot be reached");
}

/** True for a request that we cancelled ourselves; nobody needs to hear about it. */
export function isAbort(cause: unknown): boolean {
  return cause instanceof DOMException && cause.name === "AbortError";
}

function parseObject(body: string): Record<string, unknown> | undefined {
  try {
    return asObject(JSON.parse(body));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
