import { Fragment, type ReactNode } from "react";
import type { Standing, Title } from "../../api/types.gen.ts";
import { day } from "../../lib/dates.ts";
import { plural } from "../../lib/format.ts";
import { seasonName } from "../../lib/seasons.ts";
import styles from "./Facts.module.css";

interface FactsProps {
  title: Title;
  /** Its places on the weekly list by score, once they are known. */
  standing: Standing | null;
  /** Whether the page shows an earlier day: these are not of then. */
  past: boolean;
}

/** What does not change from day to day. */
export function Facts({ title, standing, past }: FactsProps) {
  return (
    <section>
      <h2 className={styles.heading}>Facts</h2>
      {past && <p className={styles.note}>The newest known, not those of the day shown.</p>}
      <dl className={styles.facts}>
        {factsOf(title, standing).map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd dir="auto">{value}</dd>
          </Fragment>
        ))}
      </dl>
    </section>
  );
}

function factsOf(title: Title, standing: Standing | null): [name: string, value: ReactNode][] {
  const { type, episodes, genres, themes, demographics, studios, synonyms } = title;
  const names = (tags: Title["genres"]) => tags.map(({ name }) => name).join(", ");
  const facts: [string, ReactNode][] = [
    ["Type", [type, episodes !== null && plural(episodes, "episode")].filter(Boolean).join(", ")],
    ["Status", title.status],
    ["Season", seasonOf(title)],
    ["Premiere", airedOn(title)],
    ["Broadcast", title.broadcast],
    ["Duration", title.duration],
    [studios.length > 1 ? "Studios" : "Studio", names(studios)],
    ["Source", title.source_material],
    [genres.length > 1 ? "Genres" : "Genre", names(genres)],
    [themes.length > 1 ? "Themes" : "Theme", names(themes)],
    ["Demographic", names(demographics)],
    ["Rating", title.rating],
    ["Also known as", synonyms.length > 0 && <Synonyms names={synonyms} />],
    ["On the weekly list", standing && standingWords(standing)],
  ];
  return facts.filter(([, value]) => value);
}

function Synonyms({ names }: { names: readonly string[] }) {
  return names.map((name) => (
    <span key={name} className={styles.synonym}>
      <bdi>{name}</bdi>
    </span>
  ));
}

function seasonOf({ season, year }: Title): string | null {
  return season && year !== null ? seasonName({ season, year }) : null;
}

/** The premiere as exactly as it is known. */
function airedOn({ aired_from: from, aired_from_precision: precision }: Title): string | null {
  if (from === null) return null;
  if (precision === "year") return from.slice(0, 4);
  return precision === "month" ? day(from).replace(/^\d+ /, "") : day(from);
}

function standingWords({ weeks, peak }: Standing): string | null {
  if (weeks === 0) return null;
  return peak === null ? plural(weeks, "week") : `${plural(weeks, "week")}, peak ${peak}`;
}
