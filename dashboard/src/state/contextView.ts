// What is shown around an error: whose lines, and how many. Its form in the address, and what stands at the edges. Pure.

import { CONTEXT_SCOPES, type Context, type ContextScope } from "../api/types";
import { readable } from "../format/address";
import { count } from "../format/number";

export interface ContextView {
  scope: ContextScope;
  before: number;
  after: number;
}

/** Lines on each side at first, and how many more a press brings. */
export const STEP = 50;

/** The most that the API gives. */
export const MAX_SIDE = 500;

export const FIRST_VIEW: ContextView = { scope: "instance", before: STEP, after: STEP };

export function parseContextView(search: string): ContextView {
  const query = new URLSearchParams(search);
  const scope = query.get("scope");
  return {
    scope: CONTEXT_SCOPES.find((known) => known === scope) ?? FIRST_VIEW.scope,
    before: lines(query.get("before")),
    after: lines(query.get("after")),
  };
}

export function formatContextView({ scope, before, after }: ContextView): string {
  const query = new URLSearchParams();
  if (scope !== FIRST_VIEW.scope) query.set("scope", scope);
  if (before !== STEP) query.set("before", String(before));
  if (after !== STEP) query.set("after", String(after));
  const text = readable(query);
  return text === "" ? "" : `?${text}`;
}

/** Where the lines of a side end. */
export interface Edge {
  /** More may be there for the asking. */
  more: boolean;
  /** Why nothing more is shown; empty when more can be asked for. */
  text: string;
}

export function edgeOf(context: Context, side: "before" | "after", asked: number): Edge {
  const shown = context[side].length;
  const isFull = shown >= asked;
  const isComplete = side === "before" ? context.complete_before : context.complete_after;
  if (isFull && asked < MAX_SIDE) return { more: true, text: "" };
  if (isFull) return { more: false, text: `No more than ${count(MAX_SIDE)} lines are shown here.` };
  if (isComplete) return { more: false, text: END[side] };
  return { more: false, text: missingOn(context, side) };
}

const END = {
  before: "Nothing was logged before this.",
  after: "Nothing has been logged since.",
};

function missingOn({ missing }: Context, side: "before" | "after"): string {
  const why = typeof missing === "string" ? missing : missing?.[side];
  const said = typeof why === "string" ? why : (why?.message ?? why?.reason);
  return said === undefined ? "There may be more that could not be read." : sentence(said);
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

function lines(text: string | null): number {
  const n = Number(text);
  return text !== null && Number.isInteger(n) && n > 0 ? Math.min(n, MAX_SIDE) : STEP;
}
