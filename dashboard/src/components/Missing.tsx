// A page whose subject is not there: not yet, or not any more.

import type { ComponentChildren } from "preact";
import type { ApiError } from "../api/error";

interface Props {
  title: string;
  /** The server knows that there is none. */
  gone: boolean;
  error: ApiError | undefined;
  /** Where else to go. */
  way: ComponentChildren;
}

export function Missing({ title, gone, error, way }: Props) {
  return (
    <main class="single">
      {gone ? (
        <div class="card empty" role="alert">
          <p class="empty-title">{title}</p>
          <p>{error?.message}</p>
          {way}
        </div>
      ) : (
        <p class="card empty">{error === undefined ? "Loading…" : "Nothing loaded yet."}</p>
      )}
    </main>
  );
}
