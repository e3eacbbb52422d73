// What was just done, or why it was not.

import type { Notices } from "../state/useNotice";
import { Icon } from "./Icon";

export function Toast({ notice, say }: Notices) {
  const undo = notice?.undo;
  return (
    <div class="toast-place" role={notice?.failed === true ? "alert" : "status"}>
      {notice !== undefined && (
        <div class={notice.failed === true ? "toast toast-failed" : "toast"}>
          <Icon name={notice.failed === true ? "warning" : "check"} />
          <p>{notice.text}</p>
          {undo !== undefined && (
            <button
              type="button"
              class="button"
              onClick={() => {
                say(undefined);
                undo();
              }}
            >
              Undo
            </button>
          )}
          <button
            type="button"
            class="search-button"
            aria-label="Close this message"
            onClick={() => say(undefined)}
          >
            <Icon name="close" />
          </button>
        </div>
      )}
    </div>
  );
}
