import { lazy, Suspense, useRef } from "react";
import { titlePath } from "../../address/paths.ts";
import { readTitle, TITLE_CHARTS } from "../../address/title.ts";
import { similarQuery, titleQuery } from "../../api/titles.ts";
import type { SimilarTitle } from "../../api/types.gen.ts";
import { useResponse } from "../../api/useResponse.ts";
import { PairLines } from "../../charts/pair/PairLines.tsx";
import { csvAddress } from "../../lib/csv.ts";
import { nameOf, type Script } from "../../lib/titles.ts";
import { Figure } from "../../ui/Figure.tsx";
import { Failure } from "../../ui/States.tsx";
import { sourceWords } from "../captures.ts";
import { fileSource, isStale } from "../freshness.ts";
import { useTable } from "../useTable.ts";
import { useView } from "../useView.ts";
import { captionOf } from "./captionOf.ts";
import styles from "./Side.module.css";
import { endsOf, placeOf } from "./similarWords.ts";

const SimilarRows = lazy(async () => ({ default: (await import("./SimilarRows.tsx")).SimilarRows }));

/** Only files show it. */
const SimilarExport = lazy(async () => ({ default: (await import("./SimilarExport.tsx")).SimilarExport }));

const COMPARED =
  "Course of the score by week since the premiere, each about its own mean; the dashed line is the title’s own.";
const NONE =
  "No title is known that moved like it: that takes at least four weeks of scores since the premieres of both.";

/** Titles whose score took a like course in the weeks since their premiere. */
export function SimilarSection({ malId }: { malId: number }) {
  const { search, selection } = useView(readTitle);
  const { open, toggle } = useTable(TITLE_CHARTS, "similar");
  const query = useResponse(similarQuery(selection, malId));
  const script = search.names ?? "english";
  const drawing = useRef<SVGSVGElement>(null);
  const own = useResponse(titleQuery(selection, malId), false).data?.data;
  const titles = query.data?.data.titles ?? [];
  const source = query.data ? sourceWords(query.data.meta) : "";
  return (
    <div className={styles.side}>
      <Figure
        id="similar"
        heading="Moved like it"
        sub={query.data && titles.length === 0 ? NONE : COMPARED}
        choices={null}
        stale={isStale(query)}
        source={source}
        table={titles.length > 0 ? <SimilarRows titles={titles} script={script} /> : null}
        tableName="the titles that moved alike"
        tableOpen={open}
        onTable={toggle}
        csv={csvAddress(rowsOf(titles))}
        csvName={`kansoku-title-${malId}-similar.csv`}
        picture={() =>
          drawing.current && {
            drawing: drawing.current,
            caption: {
              heading: captionOf(own, search.names, "titles that moved like it"),
              sub: COMPARED,
              source: fileSource(source, query),
            },
          }
        }
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
        <Suspense>
          {titles.length > 0 && <SimilarExport titles={titles} script={script} svg={drawing} />}
        </Suspense>
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
        <small>{placeOf(title)}</small>
      </span>
      <PairLines line={title.weeks} behind={title.own} label={endsOf(title)} />
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
