// The search box. Typing searches after a short rest; the server's objection to a search stands right below it.

import { useEffect, useRef, useState } from "preact/hooks";
import type { RefObject } from "preact";
import { Icon } from "./Icon";

interface Props {
  label: string;
  placeholder: string;
  value: string;
  /** `replace`: the same thought goes on, no new entry in the history. */
  onSearch: (q: string, replace: boolean) => void;
  /** Arrow down: on to the results. */
  onLeaveDown: () => void;
  onHelp: () => void;
  error: string | undefined;
  input: RefObject<HTMLInputElement | null>;
}

const REST_MS = 250;

export function SearchBox(props: Props) {
  const { label, placeholder, value, onSearch, onLeaveDown, onHelp, error, input } = props;
  const [draft, setDraft] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  // Set by the first search since the box got the focus: later ones refine it.
  const searched = useRef(false);
  const sent = useRef(value);

  useEffect(() => {
    // Changed from elsewhere (back button, a filter button): the draft follows.
    if (value === sent.current) return;
    clearTimeout(timer.current);
    sent.current = value;
    setDraft(value);
  }, [value]);

  useEffect(() => () => clearTimeout(timer.current), []);

  const send = (q: string): void => {
    clearTimeout(timer.current);
    if (q === sent.current) return;
    sent.current = q;
    onSearch(q, searched.current);
    searched.current = true;
  };

  const type = (q: string): void => {
    setDraft(q);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => send(q), REST_MS);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter") send(draft);
    if (event.key === "ArrowDown") {
      event.preventDefault();
      onLeaveDown();
    }
    if (event.key === "Escape") {
      event.preventDefault();
      input.current?.blur();
    }
  };

  return (
    <div class="search" role="search">
      <div class={error === undefined ? "search-field" : "search-field invalid"}>
        <Icon name="search" />
        <input
          ref={input}
          type="text"
          inputMode="search"
          aria-label={label}
          aria-invalid={error !== undefined}
          aria-describedby={error === undefined ? undefined : "search-error"}
          placeholder={placeholder}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={draft}
          onFocus={() => (searched.current = false)}
          onInput={(event) => type(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        {draft === "" ? (
          <kbd aria-hidden="true">/</kbd>
        ) : (
          <button
            type="button"
            class="search-button"
            aria-label="Clear the search"
            onClick={() => {
              setDraft("");
              send("");
              input.current?.focus();
            }}
          >
            <Icon name="close" />
          </button>
        )}
        <button
          type="button"
          class="search-button"
          aria-label="Help: search syntax and keys"
          title="Search syntax and keys (?)"
          onClick={onHelp}
        >
          <Icon name="help" />
        </button>
      </div>
      {error !== undefined && (
        <p class="search-error" id="search-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
