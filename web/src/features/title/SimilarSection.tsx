import { lazy } from "react";
import { titlePath } from "../../address/paths.ts";
import { readTitle, TITLE_CHARTS } from "../../address/title.ts";
import { similarQuery } from "../../api/titles.ts";
import type { SimilarTitle } from "../../api/types.gen.ts";
import { useResponse } from "../../api/useResponse.ts";
import { PairLines } from "../../charts/pair/PairLines.tsx";
import { csvAddress } from "../../lib/csv.ts";
import { score } from "../../lib/format.ts";
import { seasonName } from "../../lib/seasons.ts";
import { nameOf, type Script } from "../../lib/titles.ts";
import { Figure } from "../../ui/Figure.tsx";
import { Failure } from "../../ui/States.tsx";
import { sourceWords } from "../captures.ts";
import { isStale } from "../freshness.ts";
import { useTable } from "../useTable.ts";
import { useView } from "../useView.ts";
import styles from "./Side.module.css";

const SimilarRows = lazy(async () => ({ default: (await import("./SimilarRows.tsx")).SimilarRows }));

const COMPARED =
  "Course of the score by week since the premiere, each about its own mean; dashed is this title.";
const NONE =
  "No title is known that moved like it: that takes at least four weeks of scores since the premieres of both.";

/** Titles whose score took a like course in the weeks since their premiere. */
export function SimilarSection({ malId }: { malId: number }) {
  const { search, selection } = useView(readTitle);
  const { open, toggle } = useTable(TITLE_CHARTS, "similar");
  const query = useResponse(similarQuery(selection, malId));
  const script = search.names ?? "english";
  const titles = query.data?.data.titles ?? [];
  return (
    <div className={styles.side}>
      <Figure
        id="similar"
        heading="Moved like it"
        sub={query.data && titles.length === 0 ? NONE : COMPARED}
        choices={null}
        stale={isStale(query)}
        source={query.data ? sourceWords(query.data.meta) : ""}
        table={titles.length > 0 ? <SimilarRows titles={titles} script={script} /> : null}
        tableName="the titles that moved alike"
        tableOpen={open}
        onTable={toggle}
        csv={csvAddress(rowsOf(titles))}
        csvName={`kansoku-title-${malId}-similar.csv`}
      >
        {query.isPending && <div className={styles.waiting} aria-busy="true" />}
        {!query.isPending && !query.data && (
          <Failure what="The list" error={query.error} onRetry={() => void query.refetch()} />
        )}
        {titles.length > 0 && (
          <ol className={styles.list}>
            {titles.map((title) => (
              <Similar
                key={title.mal_id}
                title={title}
                script={script}
                address={titlePath(title.mal_id, search)}
              />
            ))}
          </ol>
        )}
      </Figure>
    </div>
  );
}

interface SimilarProps {
  title: SimilarTitle;
  script: Script;
  address: string;
}

function Similar({ title, script, address }: SimilarProps) {
  const { text, lang } = nameOf(title, script);
  return (
    <li>
      <span>
        <a href={address}>
          <bdi lang={lang}>{text}</bdi>
        </a>
        <small>{[seasonOf(title), `alike ${title.likeness.toFixed(2)}`].filter(Boolean).join(", ")}</small>
      </span>
      <PairLines line={title.weeks} behind={title.own} label={labelOf(title)} />
    </li>
  );
}

function rowsOf(titles: readonly SimilarTitle[]) {
  return [
    ["mal_id", "title", "likeness", "week", "score", "own_score"],
    ...titles.flatMap(({ mal_id, title, likeness, weeks, own }) =>
      weeks.map((value, week) => [mal_id, title, likeness, week + 1, value, own[week] ?? null]),
    ),
  ];
}

function seasonOf({ season, year }: SimilarTitle): string | null {
  return season && year !== null ? seasonName({ season, year }) : null;
}

function labelOf({ weeks }: SimilarTitle): string {
  const known = weeks.filter((week) => week !== null);
  return `Score from ${score(known[0] ?? null)} to ${score(known.at(-1) ?? null)} in ${weeks.length} weeks`;
}
