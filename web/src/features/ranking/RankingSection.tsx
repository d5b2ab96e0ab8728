import { lazy, Suspense, useRef } from "react";
import { OVERVIEW_CHARTS, readOverview } from "../../address/overview.ts";
import { address } from "../../api/client.ts";
import { type Since, TOP_ANIME, topAnimeQuery } from "../../api/queries.ts";
import type { TopAnime, TopTitle } from "../../api/types.gen.ts";
import { useResponse } from "../../api/useResponse.ts";
import { useReadout } from "../../charts/kit/useReadout.ts";
import { FEW_VOTES, hasFewVotes, plainRanking, rankingFinding, whyHidden } from "../../findings/ranking.ts";
import { day, instant, moment } from "../../lib/dates.ts";
import { integer, list, ordinal, score, signed } from "../../lib/format.ts";
import { textOf } from "../../lib/richText.ts";
import { nameOf, type Script } from "../../lib/titles.ts";
import { Figure } from "../../ui/Figure.tsx";
import { Readout, Value } from "../../ui/Readout.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { TitleName } from "../../ui/TitleName.tsx";
import { emptyReason } from "../emptyReason.ts";
import { fileSource, isStale } from "../freshness.ts";
import { PendingNotice } from "../PendingNotice.tsx";
import { QueryBoundary } from "../QueryBoundary.tsx";
import { RichTextLine } from "../RichTextLine.tsx";
import { useSince } from "../useSince.ts";
import { useTable } from "../useTable.ts";
import { useView } from "../useView.ts";
import table from "./RankingTable.module.css";
import { RankingTable } from "./RankingTable.tsx";

const RankingRows = lazy(async () => ({ default: (await import("./RankingRows.tsx")).RankingRows }));
const RankingOrigin = lazy(async () => ({ default: (await import("./RankingOrigin.tsx")).RankingOrigin }));

/** Only files show it. */
const RankingExport = lazy(async () => ({ default: (await import("./RankingExport.tsx")).RankingExport }));

const ROOM = { cells: 4, height: table.waiting };
/** Characters of a title in the finding. */
const MAX_CHARACTERS = 44;
const SINCE = [
  ["capture", "Since the last capture"],
  ["day", "In a day"],
  ["week", "In a week"],
] as const;
const MOVED: Record<Since, string> = {
  capture: "since the last capture",
  day: "in a day",
  week: "in a week",
};
const SCRIPTS = [
  ["english", "English"],
  ["romaji", "Romaji"],
  ["japanese", "日本語", "ja"],
] as const;

/** The ten highest scores, and what moved in a week or a day, or since the capture before. */
export function RankingSection() {
  const { search, selection, change } = useView(readOverview);
  const { open, toggle } = useTable(OVERVIEW_CHARTS, "top");
  const chosen = useSince();
  const query = useResponse(topAnimeQuery(selection, chosen));
  const since = query.data?.params.since ?? chosen;
  const exported = useRef<SVGSVGElement>(null);
  const script = search.names ?? "english";
  const top = query.data?.data;
  const rows = top && top.titles.length > 0 ? top : null;
  const words = rows ? rankingFinding(rows) : [plainRanking(10)];
  const empty = query.data && !rows ? emptyReason(query.data.meta, search, "ranking by score") : null;
  const caption = () => ({
    heading: textOf(words, script),
    sub: subOf(rows, since),
    source: fileSource(sourceOf(rows), query),
  });
  return (
    <Figure
      id="top"
      heading={<RichTextLine words={words} script={script} most={MAX_CHARACTERS} />}
      sub={subOf(rows, since)}
      choices={
        <>
          <Segmented
            label="Moves"
            value={chosen}
            options={SINCE}
            onChange={(next) => change({ since: next })}
          />
          <Segmented
            label="Titles in"
            value={script}
            options={SCRIPTS}
            onChange={(names) => change({ names: names === "english" ? undefined : names })}
          />
        </>
      }
      stale={isStale(query)}
      busy={query.isPlaceholder && !query.isError}
      pendingNotice={
        <PendingNotice query={query} what={`the moves ${MOVED[chosen]}`} shown={`those ${MOVED[since]}`} />
      }
      source={sourceOf(rows)}
      origin={rows && <RankingOrigin top={rows} script={script} />}
      table={rows && <RankingRows top={rows} script={script} />}
      tableName="the ranking"
      tableOpen={open}
      onTable={toggle}
      csv={address(TOP_ANIME, { ...selection, limit: 10, since, format: "csv" })}
      picture={() => exported.current && { drawing: exported.current, caption: caption() }}
    >
      {rows && <Ranking top={rows} script={script} covers={query.data?.meta.catalogue === "sample"} />}
      <Suspense>{rows && <RankingExport top={rows} script={script} svg={exported} />}</Suspense>
      <QueryBoundary query={query} empty={empty} what="The ranking" room={ROOM} />
    </Figure>
  );
}

interface RankingProps {
  top: TopAnime;
  script: Script;
  /** Whether the titles are invented, and so are their covers. */
  covers: boolean;
}

function Ranking({ top, script, covers }: RankingProps) {
  const readout = useReadout(top.titles.length, 0);
  const title = top.titles[readout.index];
  if (!title) return null;
  const few = hasFewVotes(title) ? FEW_VOTES : "";
  return (
    <div
      onPointerOver={(event) => {
        const row = event.target instanceof Element ? event.target.closest("[data-row]") : null;
        if (row) readout.move(Number(row.getAttribute("data-row")));
      }}
    >
      <Readout
        label="Titles"
        count={top.titles.length}
        index={readout.index}
        onMove={readout.move}
        text={readingText(title, script) + (few && `, ${few}`)}
        name={<TitleName named={title} script={script} />}
        note={few || null}
        cells={ROOM.cells}
      >
        <Value name={movedWords(title)}>{ordinal(title.place)}</Value>
        <Value name="score">{score(title.score)}</Value>
        <Value name="votes">{integer(title.scored_by)}</Value>
        <Value name="members">{integer(title.members)}</Value>
      </Readout>
      <RankingTable
        titles={top.titles}
        previous={top.previous}
        script={script}
        covers={covers}
        index={readout.index}
        caption={plainRanking(top.titles.length)}
      />
    </div>
  );
}

function movedWords({ move, previous_place }: TopTitle): string {
  if (move === null || previous_place === null) return "place";
  return move === 0 ? "still" : `from ${ordinal(previous_place)} to`;
}

function readingText(title: TopTitle, script: Script): string {
  const change = title.score_change ?? 0;
  const changed = change === 0 ? "" : `, ${signed(change, score)}`;
  return `${nameOf(title, script).text}: ${movedWords(title)} ${ordinal(title.place)}, score ${score(title.score)}${changed}, ${integer(title.scored_by)} votes, ${integer(title.members)} members`;
}

function subOf(top: TopAnime | null, since: Since): string {
  const few = top?.titles.some(hasFewVotes) ? " Few votes: fewer than 1,000." : "";
  return movesOf(top, since) + few;
}

function movesOf(top: TopAnime | null, since: Since): string {
  if (!top?.run) return "Place by score, with the move since an earlier capture.";
  const place = `Place by score on ${day(top.run.captured_at)}`;
  const older = since === "capture" ? "older" : `a ${since} older`;
  if (!top.previous)
    return `${place}. No capture of this list is ${older}, so no move can be told.${hidden(top)}`;
  const { captured_at: earlier } = top.previous;
  const at = moment(earlier, top.run.captured_at, day);
  const sameDay = at === day(earlier) ? "" : " that day";
  return `${place}, with the move since ${at}${sameDay}.${hidden(top)}`;
}

/** Why places are missing above the last one shown. */
function hidden(top: TopAnime): string {
  const places = new Set(top.titles.map(({ place }) => place));
  const missing = Array.from({ length: Math.max(0, ...places) }, (_, index) => index + 1).filter(
    (place) => !places.has(place),
  );
  if (missing.length === 0) return "";
  const [what, is] = missing.length === 1 ? ["Place", "is"] : ["Places", "are"];
  return ` ${what} ${list(missing.map(String))} ${is} not shown: ${whyHidden(top)}.`;
}

function sourceOf(top: TopAnime | null): string {
  return top?.run ? `Source: ${top.run.source}, captured ${instant(top.run.captured_at)}.` : "";
}
