// A row of choices of which exactly one holds.

interface Props<T extends string> {
  label: string;
  options: readonly { value: T; text: string; title?: string; disabled?: boolean }[];
  value: T | undefined;
  onChoose: (value: T) => void;
}

export function Segmented<T extends string>({ label, options, value, onChoose }: Props<T>) {
  return (
    <div class="segmented" role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          title={option.title}
          disabled={option.disabled}
          aria-pressed={option.value === value}
          onClick={() => onChoose(option.value)}
        >
          {option.text}
        </button>
      ))}
    </div>
  );
}
