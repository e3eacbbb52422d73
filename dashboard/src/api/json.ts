// JSON without losing digits. A 64-bit id does not fit into a JavaScript number, and an id with other digits is another id.

/** What newer browsers pass to a reviver: the value as it was written. */
interface Source {
  source?: string;
}

/** Reads JSON; whole numbers beyond the safe range become `bigint` where the browser lets us see them. */
export function parseExact(text: string): unknown {
  const reviver = (_key: string, value: unknown, context?: Source): unknown => {
    if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
    const source = context?.source;
    return source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
  };
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
}

/** Writes JSON that `parseExact` reads back as it was. */
export function printExact(value: unknown, indent?: number): string {
  const { rawJSON } = JSON as { rawJSON?: (text: string) => unknown };
  const replacer = (_key: string, part: unknown): unknown => {
    if (typeof part !== "bigint") return part;
    return rawJSON === undefined ? String(part) : rawJSON(String(part));
  };
  return JSON.stringify(value, replacer, indent);
}
