// While a pointer is down nothing may move under it: a click that ends on another element than it began on is none.

/** What ends a press; one that leaves the window ends there. */
const ENDS = ["pointerup", "pointercancel", "blur"] as const;

let press: Promise<void> | undefined;

/** Resolves when no pointer is down, and the click that one made is done. */
export function released(): Promise<void> {
  return press ?? Promise.resolve();
}

function begin(): void {
  press ??= new Promise((resolve) => {
    const end = (): void => {
      for (const name of ENDS) removeEventListener(name, end, true);
      // The click comes right after the release.
      setTimeout(() => {
        press = undefined;
        resolve();
      });
    };
    for (const name of ENDS) addEventListener(name, end, true);
  });
}

addEventListener("pointerdown", begin, true);
