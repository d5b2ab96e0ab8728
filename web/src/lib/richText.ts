// A sentence with titles in it, before the reader's script is known.
import { nameOf, type Script, type Titled } from "./titles.ts";

/** Text, or a title to be named in the reader's script. */
export type Part = string | Titled;
export type RichText = readonly Part[];

/** The sentence as plain text. */
export function textOf(words: RichText, script: Script): string {
  return words.map((part) => (typeof part === "string" ? part : nameOf(part, script).text)).join("");
}
