// A text in which the searched words stand out.

import { highlighted } from "../format/highlight";

export function Marked({ text, words }: { text: string; words: readonly string[] }) {
  return (
    <>
      {highlighted(text, words).map((piece, i) =>
        piece.hit ? <mark key={i}>{piece.text}</mark> : piece.text,
      )}
    </>
  );
}
