import type { Title } from "../../api/types.gen.ts";
import { nameOf, type Script } from "../../lib/titles.ts";
import { Cover } from "../../ui/Cover.tsx";
import styles from "./TitleHead.module.css";

interface TitleHeadProps {
  title: Title;
  script: Script;
  catalogue: "mal" | "sample";
}

/** A longer name is set smaller, and a very long one smaller still. */
const LONG = 60;
const VERY_LONG = 180;

/** The title's name in the reader's script, and its other names. */
export function TitleHead({ title, script, catalogue }: TitleHeadProps) {
  const name = nameOf(title, script);
  const length = [...name.text].length;
  const link = catalogue === "mal" ? webAddress(title.url) : null;
  return (
    <div className={styles.head}>
      {catalogue === "sample" && (
        <div className={styles.cover}>
          <Cover id={title.mal_id} />
        </div>
      )}
      <div className={styles.names}>
        <h1 data-long={length > VERY_LONG ? "very" : length > LONG ? "" : undefined}>
          <bdi lang={name.lang}>{name.text}</bdi>
        </h1>
        <OtherNames title={title} shown={name.text} />
        {link && (
          <p className={styles.links}>
            <a className={styles.link} href={link} rel="noreferrer external" target="_blank">
              On MyAnimeList
            </a>
          </p>
        )}
      </div>
    </div>
  );
}

function OtherNames({ title, shown }: { title: Title; shown: string }) {
  const names = (["english", "romaji", "japanese"] as const).map((script) => nameOf(title, script));
  const others = names.filter(
    ({ text }, index) => text !== shown && names.findIndex((other) => other.text === text) === index,
  );
  if (others.length === 0) return null;
  return (
    <p className={styles.others}>
      {others.map(({ text, lang }) => (
        <bdi key={text} lang={lang}>
          {text}
        </bdi>
      ))}
    </p>
  );
}

/** The address where it is one of the web; any other is no link. */
function webAddress(url: string | null): string | null {
  return url?.startsWith("https://") ? url : null;
}
