import { Fragment } from "react";
import type { Words } from "../findings/words.ts";
import { type Named, nameOf, type Script } from "../lib/titles.ts";

/** A title in the reader's script, with its language told to readers aloud. */
export function TitleName({ named, script }: { named: Named; script: Script }) {
  const { text, lang } = nameOf(named, script);
  return lang ? <span lang={lang}>{text}</span> : text;
}

/** A sentence with titles in it. */
export function Say({ words, script }: { words: Words; script: Script }) {
  return words.map((part, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence have no other name, and never move.
    <Fragment key={place}>
      {typeof part === "string" ? part : <TitleName named={part} script={script} />}
    </Fragment>
  ));
}
