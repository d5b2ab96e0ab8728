import { Fragment } from "react";
import type { RichText } from "../lib/richText.ts";
import type { Script } from "../lib/titles.ts";
import { TitleLink } from "./TitleLink.tsx";

/** A sentence with titles in it, each leading to its page. */
export function RichTextLine({ words, script, most }: { words: RichText; script: Script; most?: number }) {
  return words.map((part, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence have no other name, and never move.
    <Fragment key={place}>
      {typeof part === "string" ? part : <TitleLink title={part} script={script} most={most} />}
    </Fragment>
  ));
}
