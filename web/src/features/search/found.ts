// A title that was found, in words.
import type { FoundTitle } from "../../api/types.gen.ts";
import { compact, score } from "../../lib/format.ts";
import { seasonName } from "../../lib/seasons.ts";
import { type Name, nameOf, type Script } from "../../lib/titles.ts";

/** The name that matched, where it is not the one shown. */
export function otherName(found: FoundTitle, script: Script): Name | null {
  const { matched } = found;
  if (matched === nameOf(found, script).text) return null;
  if (matched === found.title_japanese) return { text: matched, lang: "ja" };
  if (matched === found.title) return { text: matched, lang: "ja-Latn" };
  const isJapanese = /[\u3040-\u30ff\u3400-\u9fff]/.test(matched);
  return { text: matched, lang: isJapanese ? "ja" : undefined };
}

/** "TV · Autumn 2026": as far as it is known. */
export function kindOf({ type, season, year }: FoundTitle): string {
  const aired = season && year ? seasonName({ season, year }) : year;
  return [type, aired].filter(Boolean).join(" · ");
}

/** The score, or how many have it in their lists. */
export function figureOf({ score: value, members }: FoundTitle): { name: string; value: string } | null {
  if (value !== null) return { name: "score", value: score(value) };
  return members === null ? null : { name: "members", value: compact(members) };
}
