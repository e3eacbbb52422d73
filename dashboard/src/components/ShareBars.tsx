// How the errors of an issue are spread: one bar per name.

import { count } from "../format/number";
import { shares } from "../format/issue";

interface Props {
  id: string;
  title: string;
  counts: Record<string, number> | undefined;
}

/** More than this are summed up. */
const SHOWN = 8;

export function ShareBars({ id, title, counts }: Props) {
  const bars = shares(counts);
  if (bars.length === 0) return null;
  const others = bars.slice(SHOWN);
  return (
    <section class="card" aria-labelledby={id}>
      <header class="card-head">
        <h2 id={id}>{title}</h2>
        <span class="list-count">{count(bars.length)}</span>
      </header>
      <ul class="bars share-bars">
        {bars.slice(0, SHOWN).map(({ name, n, share }) => (
          <li class="bar" key={name}>
            <span class="bar-name" title={name}>
              {name}
            </span>
            <span />
            <span class="bar-count">{count(n)}</span>
            <span class="bar-track" aria-hidden="true">
              <span class="bar-fill" style={{ transform: `scaleX(${share})` }} />
            </span>
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <p class="card-note">
          {count(others.length)} others: {count(others.reduce((sum, { n }) => sum + n, 0))}
        </p>
      )}
    </section>
  );
}
