// A sentence with titles in it, before the reader's script is known.
import { type Named, nameOf, type Script } from "./titles.ts";

/** Text, or a title to be named in the reader's script. */
export type Part = string | Named;
export type RichText = readonly Part[];

/** The sentence as plain text. */
export function textOf(words: RichText, script: Script): string {
  return words.map((part) => (typeof part === "string" ? part : nameOf(part, script).text)).join("");
}
