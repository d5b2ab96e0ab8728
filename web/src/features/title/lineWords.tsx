// One day of a title in words, for the row above the drawing.
import type { TitleDay } from "../../api/types.gen.ts";
import type { DayWords } from "../../charts/title/TitleChart.tsx";
import { shortDay } from "../../lib/dates.ts";
import { besideEpisode, type Episode } from "../../lib/episodes.ts";
import { integer, plural, signed } from "../../lib/format.ts";
import { hasFewVotes, type Measure, WORDS } from "../../lib/measures.ts";
import { Delta } from "../../ui/Delta.tsx";
import { Value } from "../../ui/Readout.tsx";

interface Around {
  measure: Measure;
  episodes: readonly Episode[];
  /** The last day of the page: only days of other years have their year. */
  newest: string | undefined;
}

/** The words of a day, and of what has changed since the one before it. */
export function dayWords(
  day: TitleDay | undefined,
  before: TitleDay | undefined,
  { measure, episodes, newest }: Around,
): DayWords {
  if (!day) return { name: "–", note: null, text: "no days", values: null };
  const name = shortDay(day.day, newest);
  const note = besideEpisode(day.day, episodes);
  if (!day.observed) {
    return { name, note, text: sentence(name, ["not observed", note]), values: <span>not observed</span> };
  }
  const words = WORDS[measure];
  const value = day[measure];
  const said = value === null ? `no ${words.name.toLowerCase()}` : words.write(value);
  const few = measure === "score" && value !== null && hasFewVotes(day);
  const votes = measure === "score" && value !== null ? day.scored_by : null;
  const gained = day.members !== null && before?.members != null ? day.members - before.members : null;
  return {
    name,
    note,
    text: sentence(name, [
      value === null ? said : `${words.name.toLowerCase()} ${said}`,
      votes !== null && `${plural(votes, "vote")}${few ? ", too few to say much" : ""}`,
      day.members !== null && plural(day.members, "member"),
      gained !== null && gained !== 0 && `${signed(gained)} since the day before`,
      day.edited && "edited by an operator",
      note,
    ]),
    values: (
      <>
        {value === null ? <span>{said}</span> : <Value name={words.name.toLowerCase()}>{said}</Value>}
        {votes !== null && <Value name={few ? "few votes:" : "votes"}>{integer(votes)}</Value>}
        {day.members !== null && (
          <Value name="members" change={gained !== null && <Delta value={gained} write={integer} />}>
            {integer(day.members)}
          </Value>
        )}
        {day.edited && <span>edited</span>}
      </>
    ),
  };
}

function sentence(name: string, parts: readonly (string | false | null)[]): string {
  return `${name}: ${parts.filter(Boolean).join("; ")}`;
}
