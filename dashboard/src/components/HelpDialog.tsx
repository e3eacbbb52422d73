// Keys and search syntax, on one small sheet.

import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./Icon";

const KEYS: readonly [keys: string[], meaning: string][] = [
  [["/"], "Search"],
  [["j", "k"], "Next and previous row"],
  [["Enter"], "Open it"],
  [["Esc"], "Close, back to the list, or leave the search"],
  [["x"], "Select an issue"],
  [["r", "i", "o"], "Resolve, ignore or reopen: the issue, or all that are selected"],
  [["p"], "Pause and resume, the live page too"],
  [["c"], "Clear the live page"],
  [["R"], "Refresh now"],
  [["?"], "This sheet"],
];

const SYNTAX: readonly [example: string, meaning: string][] = [
  ["timeout pool", "both words, anywhere in message, error or fields"],
  ['"connection refused"', "exactly these words in a row"],
  ["order_id:7", "this field has this value"],
  [
    'error:"io::Error"',
    "the error's type or message; also service, host, target, version, env, file",
  ],
  ["-retry", "without this word; also -key:value"],
  ["order_id:*", "the field is present"],
];

export function HelpDialog({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class="help"
      aria-labelledby="help-title"
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) dialog.current?.close();
      }}
    >
      <div class="help-body">
        <header class="card-head">
          <h2 id="help-title">Keys and search</h2>
          <button
            type="button"
            class="button button-icon"
            aria-label="Close"
            onClick={() => dialog.current?.close()}
          >
            <Icon name="close" />
          </button>
        </header>
        <dl class="help-list">
          {KEYS.map(([keys, meaning]) => (
            <div key={meaning}>
              <dt>
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
        <dl class="help-list">
          {SYNTAX.map(([example, meaning]) => (
            <div key={example}>
              <dt>
                <code>{example}</code>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      </div>
    </dialog>
  );
}
