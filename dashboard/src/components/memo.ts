// Skips rendering a component whose properties did not change: a list of a thousand rows ticks every five seconds.

import { Component, type ComponentChild, type FunctionComponent } from "preact";

export function memo<P extends object>(render: FunctionComponent<P>) {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      return !sameValues(this.props, next);
    }

    override render(props: P): ComponentChild {
      return render(props, undefined) as ComponentChild;
    }
  };
}

/** One level deep: the same keys hold the same values. */
export function sameValues(a: object, b: object): boolean {
  const left = Object.entries(a);
  const right = b as Record<string, unknown>;
  return (
    left.length === Object.keys(b).length && left.every(([key, value]) => right[key] === value)
  );
}
