// The fields of a record in the line that it is, as far as there is room.

import { Fragment } from "preact";
import type { LogRecord } from "../api/types";
import { fieldPairs } from "../format/record";
import { Marked } from "./Marked";

interface Props {
  fields: LogRecord["fields"];
  words?: readonly string[];
}

const NO_WORDS: readonly string[] = [];

export function RowFields({ fields, words = NO_WORDS }: Props) {
  return (
    <>
      {fieldPairs(fields).map(([key, value]) => (
        <Fragment key={key}>
          {/* Between two fields a line may break. */}{" "}
          <span class="row-field">
            {key}=<Marked text={value} words={words} />
          </span>
        </Fragment>
      ))}
    </>
  );
}
