import { cut, type Named, nameOf, type Script } from "../lib/titles.ts";

interface TitleNameProps {
  named: Named;
  script: Script;
  /** Characters after which a long name is cut. */
  most?: number | undefined;
}

/** A title in the reader's script, with its language told to readers aloud. */
export function TitleName({ named, script, most }: TitleNameProps) {
  const { text, lang } = nameOf(named, script);
  const shown = most === undefined ? text : cut(text, most);
  return lang ? <span lang={lang}>{shown}</span> : shown;
}
