// Who cares about the issue, and what is known about it: edited in place.

import { useState } from "preact/hooks";
import type { IssueDetails } from "../../api/types";
import type { IssueActions } from "../../state/useIssue";

interface Props {
  issue: IssueDetails;
  change: IssueActions["change"];
}

export function People({ issue, change }: Props) {
  return (
    <section class="card" aria-label="Assignee and note">
      <div class="people">
        <Editable
          name="Assignee"
          value={issue.assignee ?? ""}
          nothing="Nobody is assigned"
          verb="Assign"
          onSave={(assignee) =>
            change({ assignee }, assignee === null ? "Nobody is assigned" : `Assigned: ${assignee}`)
          }
        />
        <Editable
          name="Note"
          value={issue.note ?? ""}
          nothing="No note"
          verb="Write a note"
          long
          onSave={(note) => change({ note }, note === null ? "Note removed" : "Note saved")}
        />
      </div>
    </section>
  );
}

interface EditableProps {
  name: string;
  value: string;
  nothing: string;
  verb: string;
  long?: boolean;
  /** `null` takes it away. */
  onSave: (value: string | null) => void;
}

function Editable({ name, value, nothing, verb, long = false, onSave }: EditableProps) {
  const [draft, setDraft] = useState<string | undefined>(undefined);
  if (draft === undefined) {
    return (
      <div class="person">
        <h3>{name}</h3>
        <p class={value === "" ? "muted" : "person-value"}>{value === "" ? nothing : value}</p>
        <button type="button" class="link" onClick={() => setDraft(value)}>
          {value === "" ? verb : "Change"}
        </button>
      </div>
    );
  }
  const save = (event: Event): void => {
    event.preventDefault();
    const text = draft.trim();
    if (text !== value) onSave(text === "" ? null : text);
    setDraft(undefined);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    setDraft(undefined);
  };
  return (
    <form class="menu-form" onSubmit={save} onKeyDown={onKeyDown}>
      <label>
        {name}
        {long ? (
          <textarea
            rows={4}
            value={draft}
            ref={focused}
            onInput={(event) => setDraft(event.currentTarget.value)}
          />
        ) : (
          <input
            type="text"
            value={draft}
            ref={focused}
            onInput={(event) => setDraft(event.currentTarget.value)}
          />
        )}
      </label>
      <p class="form-buttons">
        <button type="submit" class="button button-primary">
          Save
        </button>
        <button type="button" class="button" onClick={() => setDraft(undefined)}>
          Cancel
        </button>
      </p>
    </form>
  );
}

/** Whoever opened the form wants to write into it. */
function focused(input: HTMLElement | null): void {
  input?.focus();
}
