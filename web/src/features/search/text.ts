// What somebody has typed, as it is looked for, and what is told of it.
import { plural } from "../../lib/format.ts";
import type { Found } from "./useFound.ts";

/** The API looks for no longer text. */
const MAX_CHARACTERS = 200;

export interface Wanted {
  /** The text to look for; empty where nothing is. */
  text: string;
  isCut: boolean;
}

/** The text without the spaces around it, and of an endless one the beginning. */
export function wantedOf(typed: string): Wanted {
  const characters = [...typed.trim()];
  const isCut = characters.length > MAX_CHARACTERS;
  return {
    text: isCut ? characters.slice(0, MAX_CHARACTERS).join("").trimEnd() : characters.join(""),
    isCut,
  };
}

/** Said under the list where a text was cut. */
export const CUT = `Only the first ${MAX_CHARACTERS} characters are looked for.`;

/** What a reader aloud is told of the titles found; nothing while those of the text are pending. */
export function foundWords({ titles, isCurrent, error }: Found): string | null {
  if (error || !isCurrent || !titles) return null;
  return titles.length === 0 ? "No title found." : `${plural(titles.length, "title")} found.`;
}
