import { titlePath } from "../../address/paths.ts";
import { readTitle } from "../../address/title.ts";
import { similarQuery } from "../../api/titles.ts";
import type { SimilarTitle } from "../../api/types.gen.ts";
import { useResponse } from "../../api/useResponse.ts";
import { PairLines } from "../../charts/pair/PairLines.tsx";
import { score } from "../../lib/format.ts";
import { seasonName } from "../../lib/seasons.ts";
import { nameOf } from "../../lib/titles.ts";
import { Failure } from "../../ui/States.tsx";
import { useView } from "../useView.ts";
import styles from "./Side.module.css";

/** Titles whose score took a like course in the weeks since their premiere. */
export function SimilarSection({ malId }: { malId: number }) {
  const { search, selection } = useView(readTitle);
  const query = useResponse(similarQuery(selection, malId));
  const script = search.names ?? "english";
  const titles = query.data?.data.titles ?? [];
  return (
    <section className={styles.side} aria-labelledby="similar-heading">
      <h2 id="similar-heading">Moved like it</h2>
      {query.isPending && <div className={styles.waiting} aria-busy="true" />}
      {!query.isPending && !query.data && (
        <Failure what="The list" error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.data && (
        <p className={styles.note}>
          {titles.length > 0
            ? "Score by week since the premiere; dashed is this title."
            : "No title is known that moved like it: that takes at least four weeks of scores since the premieres of both."}
        </p>
      )}
      {titles.length > 0 && (
        <ul className={styles.list}>
          {titles.map((title) => {
            const { text, lang } = nameOf(title, script);
            return (
              <li key={title.mal_id}>
                <span>
                  <a href={titlePath(title.mal_id, search)}>
                    <bdi lang={lang}>{text}</bdi>
                  </a>
                  <small>
                    {[seasonOf(title), `alike ${title.likeness.toFixed(2)}`].filter(Boolean).join(", ")}
                  </small>
                </span>
                <PairLines line={title.weeks} behind={title.own} label={labelOf(title)} />
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

function seasonOf({ season, year }: SimilarTitle): string | null {
  return season && year !== null ? seasonName({ season, year }) : null;
}

function labelOf({ weeks }: SimilarTitle): string {
  const known = weeks.filter((week) => week !== null);
  return `Score from ${score(known[0] ?? null)} to ${score(known.at(-1) ?? null)} in ${weeks.length} weeks`;
}
