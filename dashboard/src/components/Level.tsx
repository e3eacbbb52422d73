// A severity as a small label. The word is always there: colour alone tells nothing to some readers.

export function Level({ level }: { level: string }) {
  return <span class={`level level-${level.toLowerCase()}`}>{level}</span>;
}
