// A title has a name in three scripts; the reader chooses one for the whole page.

export const SCRIPTS = ["english", "romaji", "japanese"] as const;
export type Script = (typeof SCRIPTS)[number];

/** The names of a title as the API gives them; the main one is romaji. */
export interface Named {
  title: string;
  title_english: string | null;
  title_japanese: string | null;
}

/** A title that has a page. */
export interface Titled extends Named {
  mal_id: number;
}

export interface Name {
  text: string;
  /** The language of the text, where it is not the page's. */
  lang: "ja" | "ja-Latn" | undefined;
}

/** The title's name in a script; where it has none there, its main one. */
export function nameOf(named: Named, script: Script): Name {
  if (script === "english" && named.title_english) return { text: named.title_english, lang: undefined };
  if (script === "japanese" && named.title_japanese) return { text: named.title_japanese, lang: "ja" };
  return { text: named.title, lang: "ja-Latn" };
}

/** How many Latin characters' room a text takes; Japanese ones are twice as wide, and a little more. */
export function textWidth(text: string): number {
  return [...text].reduce(
    (sum, character) => sum + (/[\u3000-\u9fff\uac00-\ud7a3\uff01-\uff60]/.test(character) ? 2.1 : 1),
    0,
  );
}

/** As much of a text as there is room for. */
export function within(text: string, most: number): string {
  const characters = [...text];
  while (characters.length > 1 && textWidth(characters.join("")) > most) characters.pop();
  return characters.join("");
}

/** A name of at most the room of so many Latin characters, cut after a word where there is one. */
export function cut(name: string, most: number): string {
  if (textWidth(name) <= most) return name;
  const head = within(name, most - 1);
  const word = head.lastIndexOf(" ");
  return `${(word > head.length / 2 ? head.slice(0, word) : head).replace(/[\s,;:]+$/, "")}…`;
}
