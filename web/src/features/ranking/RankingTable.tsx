import { lazy, Suspense } from "react";
import type { RankingRun, TopTitle } from "../../api/types.gen.ts";
import { Sparkline } from "../../charts/sparkline/Sparkline.tsx";
import { holes } from "../../findings/days.ts";
import { FEW_VOTES, hasFewVotes, isNew } from "../../findings/ranking.ts";
import { moment, shortDay } from "../../lib/dates.ts";
import { integer, score } from "../../lib/format.ts";
import type { Script } from "../../lib/titles.ts";
import { Delta } from "../../ui/Delta.tsx";
import { TitleLink } from "../TitleLink.tsx";
import styles from "./RankingTable.module.css";
import { recent, SPARK_DAYS } from "./recent.ts";

/** Only invented titles have one. */
const Cover = lazy(async () => ({ default: (await import("../../ui/Cover.tsx")).Cover }));

interface RankingTableProps {
  titles: readonly TopTitle[];
  /** The capture that moves and changes are told from; without it there are none. */
  previous: RankingRun | null;
  script: Script;
  covers: boolean;
  /** The row being read. */
  index: number;
  caption: string;
}

const SPARK = { width: 96, height: 28 };

/** The chart itself: a row per title, with its line. */
export function RankingTable({ titles, previous, script, covers, index, caption }: RankingTableProps) {
  const before = previous && moment(previous.captured_at, titles[0]?.origin.captured_at ?? "", shortDay);
  const lines = titles.some((title) => recent(title).filter((day) => day.score !== null).length > 1);
  return (
    <table className={styles.ranking}>
      <caption className="vh">{caption}</caption>
      <thead>
        <tr>
          <th scope="col" className={styles.place}>
            <span aria-hidden="true">#</span>
            <span className="vh">Place</span>
          </th>
          {previous && (
            <th scope="col" className={styles.move}>
              Move
            </th>
          )}
          <th scope="col">Title</th>
          {previous && (
            <th scope="col" className={`n ${styles.wide} ${styles.since}`}>
              Score since <span>{before}</span>
            </th>
          )}
          <th scope="col" className={`n ${styles.since}`}>
            Score
            {previous && (
              <span className={styles.change}>
                , and <span>since {before}</span>
              </span>
            )}
          </th>
          {lines && (
            <th scope="col" className={styles.spark}>
              {SPARK_DAYS} days
            </th>
          )}
          <th scope="col" className={`n ${styles.wide}`}>
            Votes
          </th>
          {!lines && (
            <th scope="col" className={`n ${styles.wide}`}>
              Members
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {titles.map((title, place) => (
          <tr
            key={title.mal_id}
            data-row={place}
            data-chosen={place === index ? "" : undefined}
            data-few={hasFewVotes(title) ? "" : undefined}
          >
            <td className={styles.place}>{title.place}</td>
            {previous && (
              <td className={styles.move}>
                <Delta value={title.move} write={String} none={isNew(title, previous) ? "new" : "–"} />
              </td>
            )}
            <th scope="row">
              <span className={styles.title}>
                {covers && (
                  <Suspense fallback={<span className={styles.cover} aria-busy="true" />}>
                    <Cover id={title.mal_id} />
                  </Suspense>
                )}
                <span>
                  <span className={styles.name}>
                    <TitleLink title={title} script={script} />
                  </span>
                  <small>
                    {[...title.studios.slice(0, 1), title.type, hasFewVotes(title) && FEW_VOTES]
                      .filter(Boolean)
                      .join(", ")}
                  </small>
                </span>
              </span>
            </th>
            {previous && (
              <td className={`n ${styles.wide}`}>
                <Delta value={title.score_change} write={score} />
              </td>
            )}
            <td className="n">
              <b>{score(title.score)}</b>
              {previous && (
                <small className={styles.change}>
                  <Delta value={title.score_change} write={score} />
                </small>
              )}
            </td>
            {lines && (
              <td className={styles.spark}>
                <Sparkline
                  values={recent(title).map((day) => day.score)}
                  {...SPARK}
                  label={sparkLabel(title)}
                />
              </td>
            )}
            <td className={`n ${styles.wide}`}>{integer(title.scored_by)}</td>
            {!lines && <td className={`n ${styles.wide}`}>{integer(title.members)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function sparkLabel(title: TopTitle): string {
  const days = recent(title);
  const seen = days.flatMap((day) => day.score ?? []);
  const first = seen[0] ?? null;
  if (first === null)
    return `${days.some((day) => day.observed) ? "no score" : "not observed"} in these days`;
  const why = holes(days);
  const gap = why ? `, ${why}` : "";
  return `from ${score(first)} to ${score(seen.at(-1) ?? null)}${gap}`;
}
