import { useRef } from "react";
import { readShared } from "../../address/shared.ts";
import { sourcesQuery } from "../../api/queries.ts";
import type { Catalogue, Source } from "../../api/types.gen.ts";
import { useResponse } from "../../api/useResponse.ts";
import { dayOf } from "../../lib/dates.ts";
import { useNow } from "../useNow.ts";
import { useView } from "../useView.ts";
import styles from "./Pickers.module.css";

const CATALOGUE_NAMES: Record<Catalogue, string> = { mal: "MyAnimeList", sample: "Sample" };

/** Who has written no figure for so long has chosen a day. */
const TYPING_MS = 1_000;

interface PickersProps {
  shown: Catalogue | undefined;
  /** Whether nothing has come yet of what is chosen. */
  isWaiting: boolean;
}

/** What is shown: which catalogue, from which source, as of which day. */
export function Pickers({ shown, isWaiting }: PickersProps) {
  const { search, change } = useView(readShared);
  const now = useNow();
  const written = useRef<{ day: string | undefined; at: number } | null>(null);
  const { data } = useResponse(sourcesQuery());
  const catalogue = search.catalogue ?? shown;
  const all = data?.data ?? [];
  const catalogues = namesWith(
    all.map((source) => source.catalogue),
    catalogue,
  );
  // One that gave nothing is no choice.
  const own = all.filter((source) => source.catalogue === catalogue && source.first_captured_at);
  const sources = namesWith(
    own.map((source) => source.source),
    search.source,
  );
  const first = firstDay(own);
  return (
    <div className={styles.pickers}>
      <label className={styles.picker}>
        <span className={styles.plain}>Catalogue</span>
        <select
          value={catalogue ?? ""}
          disabled={catalogues.length === 0}
          onChange={(event) => change({ catalogue: event.target.value as Catalogue, source: undefined })}
        >
          {!catalogue && <option value="">{isWaiting ? "…" : "not known"}</option>}
          {catalogues.map((name) => (
            <option key={name} value={name}>
              {CATALOGUE_NAMES[name]}
            </option>
          ))}
        </select>
      </label>
      {sources.length > 1 && (
        <label className={styles.picker}>
          <span>Source</span>
          <select
            value={search.source ?? ""}
            onChange={(event) => change({ source: event.target.value || undefined })}
          >
            <option value="">All sources</option>
            {sources.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <label className={styles.picker}>
        <span>As of</span>
        {!search.as_of && (
          <b className={styles.newest} aria-hidden="true">
            Newest
          </b>
        )}
        <input
          type="date"
          data-empty={search.as_of ? undefined : ""}
          value={search.as_of?.slice(0, 10) ?? ""}
          min={first}
          max={dayOf(now)}
          onChange={(event) => {
            const day = event.target.value || undefined;
            const { current: last } = written;
            // Every figure typed is another day; going back leads to the one before them all.
            const isTyping =
              last !== null && last.day === search.as_of && (isWaiting || Date.now() - last.at < TYPING_MS);
            change({ as_of: day }, !isTyping);
            written.current = { day, at: Date.now() };
          }}
        />
      </label>
    </div>
  );
}

/** Every name once, and the chosen one even where nothing has it. */
function namesWith<Name extends string>(names: readonly Name[], chosen: Name | undefined): Name[] {
  return [...new Set(chosen === undefined ? names : [...names, chosen])];
}

function firstDay(sources: readonly Source[]): string | undefined {
  const days = sources.flatMap((source) => source.first_captured_at ?? []).sort();
  return days[0] === undefined ? undefined : dayOf(days[0]);
}
