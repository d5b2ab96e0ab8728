import { Fragment } from "react";
import type { RichText } from "../lib/richText.ts";
import { cut, type Named, nameOf, type Script } from "../lib/titles.ts";

interface TitleNameProps {
  named: Named;
  script: Script;
  /** Characters after which a long name is cut. */
  most?: number;
}

/** A title in the reader's script, with its language told to readers aloud. */
export function TitleName({ named, script, most }: TitleNameProps) {
  const { text, lang } = nameOf(named, script);
  const shown = most === undefined ? text : cut(text, most);
  return lang ? <span lang={lang}>{shown}</span> : shown;
}

/** A sentence with titles in it. */
export function RichTextLine({ words, script, most }: { words: RichText; script: Script; most?: number }) {
  return words.map((part, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence have no other name, and never move.
    <Fragment key={place}>
      {typeof part === "string" ? (
        part
      ) : (
        <TitleName named={part} script={script} {...(most === undefined ? {} : { most })} />
      )}
    </Fragment>
  ));
}
