// Finds the words of a search in a text, so that the list can show why a row is there.

/** A piece of text, and whether the search asked for it. */
export interface Piece {
  text: string;
  hit: boolean;
}

/** A term of the search language: an optional minus, then a phrase, or a word with perhaps a phrase as its value. */
const TERM = /(-?)(?:"((?:\\.|[^"\\])*)"|([^\s"]+)(?:"(?:\\.|[^"\\])*")?)/g;

/** `key:value`, but neither `hyper::Error` nor `http://host`, nor `10:30`: those are words. */
const HAS_KEY = /^(?!\d)[^:]*:(?!:|\/\/)/;

/** The bare words and phrases of a search that must occur; keys and exclusions mark nothing. */
export function searchWords(q: string): string[] {
  const words: string[] = [];
  for (const [, minus, phrase, word] of q.matchAll(TERM)) {
    if (minus === "-") continue;
    if (phrase !== undefined) words.push(phrase.replace(/\\(["\\])/g, "$1"));
    else if (word !== undefined && !HAS_KEY.test(word)) words.push(word);
  }
  return words.filter((word) => word.trim() !== "");
}

/** Cuts a text at every occurrence of any of the words, whatever the case. */
export function highlighted(text: string, words: readonly string[]): Piece[] {
  if (words.length === 0 || text === "") return [{ text, hit: false }];
  const pattern = new RegExp(`(${words.map(escaped).join("|")})`, "gi");
  return text
    .split(pattern)
    .map((piece, index) => ({ text: piece, hit: index % 2 === 1 }))
    .filter((piece) => piece.text !== "");
}

function escaped(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
