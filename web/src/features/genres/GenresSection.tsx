import { lazy, type Ref, useMemo, useRef } from "react";
import { OVERVIEW_CHARTS, readOverview } from "../../address/overview.ts";
import { address } from "../../api/client.ts";
import { GENRE_DISTRIBUTION, genresQuery, type Kind } from "../../api/queries.ts";
import type { GenreDistribution, GenreDistributionResponse, GenreShare } from "../../api/types.gen.ts";
import { useResponse } from "../../api/useResponse.ts";
import { GenresChart } from "../../charts/genres/GenresChart.tsx";
import { genresHeight, type Measure } from "../../charts/genres/layout.ts";
import { useReadout } from "../../charts/kit/useReadout.ts";
import {
  bestScored,
  comparedRows,
  comparisonRule,
  genresFinding,
  KIND_NAMES,
  MAX_ROWS,
} from "../../findings/genres.ts";
import { capital, integer, percent, plural, score } from "../../lib/format.ts";
import { Figure } from "../../ui/Figure.tsx";
import { Readout, Value } from "../../ui/Readout.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { captures } from "../captures.ts";
import { emptyReason } from "../emptyReason.ts";
import { fileSource, isStale } from "../freshness.ts";
import { PendingNotice } from "../PendingNotice.tsx";
import { QueryBoundary } from "../QueryBoundary.tsx";
import { useTable } from "../useTable.ts";
import { useView } from "../useView.ts";

const GenresRows = lazy(async () => ({ default: (await import("./GenresRows.tsx")).GenresRows }));

const READING_CELLS = 5;
/** How many rows there usually are. */
const USUAL: Record<Kind, number> = { genre: 18, theme: MAX_ROWS, demographic: 5, studio: MAX_ROWS };
const KINDS = [
  ["genre", "Genres"],
  ["theme", "Themes"],
  ["demographic", "Demographics"],
  ["studio", "Studios"],
] as const;
const MEASURES = [
  ["share", "Share"],
  ["titles", "Count"],
] as const;

/** How the titles spread over genres, themes, demographics or studios. */
export function GenresSection() {
  const { search, selection, change } = useView(readOverview);
  const { open, toggle } = useTable(OVERVIEW_CHARTS, "genres");
  const chosen: Kind = search.kind ?? "genre";
  const measure: Measure = search.measure ?? "share";
  const query = useResponse(genresQuery(selection, chosen));
  const kind = query.data?.params.kind ?? chosen;
  const drawing = useRef<SVGSVGElement>(null);
  const data = query.data?.data;
  const rows = data && data.genres.length > 0 ? data : null;
  const complete = query.data?.meta.complete ?? true;
  const heading = rows ? genresFinding(rows, kind, complete) : `Titles by ${KIND_NAMES[kind].one}`;
  const sub =
    subOf(rows, kind, measure) + (complete ? "" : " Not every list came whole, so titles may be missing.");
  const source = query.data && rows ? sourceOf(query.data) : "";
  const empty =
    query.data && !rows ? emptyReason(query.data.meta, search, `list of ${KIND_NAMES[kind].many}`) : null;
  return (
    <Figure
      id="genres"
      heading={heading}
      sub={sub}
      choices={
        <>
          <Segmented
            label="Titles by"
            value={chosen}
            options={KINDS}
            onChange={(next) => change({ kind: next === "genre" ? undefined : next })}
          />
          <Segmented
            label="Show as"
            value={measure}
            options={MEASURES}
            onChange={(next) => change({ measure: next === "share" ? undefined : next })}
          />
        </>
      }
      stale={isStale(query)}
      busy={query.isPlaceholder && !query.isError}
      pendingNotice={
        <PendingNotice query={query} what={KIND_NAMES[chosen].many} shown={KIND_NAMES[kind].many} />
      }
      source={source}
      table={rows && <GenresRows genres={rows.genres} kind={kind} />}
      tableName={KIND_NAMES[kind].many}
      tableOpen={open}
      onTable={toggle}
      csv={address(GENRE_DISTRIBUTION, { ...selection, kind, format: "csv" })}
      picture={() =>
        drawing.current && {
          drawing: drawing.current,
          caption: { heading, sub, source: fileSource(source, query) },
        }
      }
    >
      {rows && <Genres data={rows} kind={kind} measure={measure} svg={drawing} />}
      <QueryBoundary
        query={query}
        empty={empty}
        what={`The list of ${KIND_NAMES[kind].many}`}
        room={{ cells: READING_CELLS, height: genresHeight(USUAL[kind]) }}
      />
    </Figure>
  );
}

interface GenresProps {
  data: GenreDistribution;
  kind: Kind;
  measure: Measure;
  svg: Ref<SVGSVGElement>;
}

function Genres({ data, kind, measure, svg }: GenresProps) {
  const drawn = useMemo(() => data.genres.slice(0, MAX_ROWS), [data]);
  const readout = useReadout(drawn.length, 0);
  const genre = drawn[readout.index];
  if (!genre) return null;
  const compared = comparedRows(data.genres, kind);
  const note = compared.includes(genre) ? null : "score not compared";
  return (
    <>
      <Readout
        label={capital(KIND_NAMES[kind].many)}
        count={drawn.length}
        index={readout.index}
        onMove={readout.move}
        text={readingText(genre, data, note)}
        name={genre.name}
        note={note}
        cells={READING_CELLS}
      >
        <Value name="titles" of={integer(data.titles)}>
          {integer(genre.titles)}
        </Value>
        <Value name="share">{percent(genre.share)}</Value>
        <Value name="mean score">{score(genre.mean_score)}</Value>
        <Value name="scored titles">{integer(genre.scored)}</Value>
        <Value name="members">{integer(genre.members)}</Value>
      </Readout>
      <GenresChart
        genres={drawn}
        measure={measure}
        index={readout.index}
        compared={compared}
        best={bestScored(data.genres, kind)}
        onPoint={readout.move}
        svg={svg}
        summary={summaryOf(data, kind)}
      />
    </>
  );
}

function readingText(genre: GenreShare, data: GenreDistribution, note: string | null): string {
  const told = `${genre.name}: ${integer(genre.titles)} of ${integer(data.titles)} titles, ${percent(genre.share)}, mean score ${score(genre.mean_score)} of ${integer(genre.scored)} scores, ${integer(genre.members)} members`;
  return note ? `${told}; ${note}` : told;
}

function summaryOf({ genres, titles }: GenreDistribution, kind: Kind): string {
  const first = genres[0];
  const last = genres[Math.min(genres.length, MAX_ROWS) - 1];
  const ends =
    first && last
      ? `, from ${first.name} with ${integer(first.titles)} to ${last.name} with ${integer(last.titles)}`
      : "";
  return `${plural(Math.min(genres.length, MAX_ROWS), KIND_NAMES[kind].one, KIND_NAMES[kind].many)} of ${integer(titles)} titles, sorted by number${ends}.`;
}

function subOf(data: GenreDistribution | null, kind: Kind, measure: Measure): string {
  const what = measure === "share" ? "Share" : "Number";
  const of = data ? `, of ${integer(data.titles)} observed and not adult,` : "";
  const several =
    kind === "demographic" ? "" : ` A title with several ${KIND_NAMES[kind].many} counts in each.`;
  const more = (data?.genres.length ?? 0) - MAX_ROWS;
  const rest = more > 0 ? ` ${integer(more)} smaller ones stand in the table.` : "";
  return `${what} of titles by ${KIND_NAMES[kind].one}${of} and their mean score.${several} ${comparisonRule(kind)}${rest}`;
}

function sourceOf({ data, meta }: GenreDistributionResponse): string {
  return `Source: ${captures(meta)}; ${plural(data.titles, "title")}.`;
}
