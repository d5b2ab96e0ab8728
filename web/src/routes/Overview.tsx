import { lazy, Suspense, useMemo, useRef } from "react";
import { runsQuery } from "../api/queries.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { blankness, type Emptiness } from "../features/emptiness.ts";
import { Footer } from "../features/frame/Footer.tsx";
import frame from "../features/frame/Frame.module.css";
import { Masthead } from "../features/frame/Masthead.tsx";
import { Notice } from "../features/frame/Notice.tsx";
import { Pickers } from "../features/frame/Pickers.tsx";
import { SampleBanner } from "../features/frame/SampleBanner.tsx";
import { Station } from "../features/frame/Station.tsx";
import { GenresSection } from "../features/genres/GenresSection.tsx";
import { useShortcuts } from "../features/keys/useShortcuts.ts";
import { LeadSection } from "../features/lead/LeadSection.tsx";
import { Nothing } from "../features/Nothing.tsx";
import { RankingSection } from "../features/ranking/RankingSection.tsx";
import { SeasonsSection } from "../features/seasons/SeasonsSection.tsx";
import { useFallback } from "../features/useFallback.ts";
import { useStaleness } from "../features/useStaleness.ts";
import { useView } from "../features/useView.ts";
import styles from "./Overview.module.css";
import { CHARTS, type ChartId, toggleTable } from "./search.ts";

// Nobody needs it for the first look.
const ShortcutsDialog = lazy(async () => ({
  default: (await import("../features/keys/ShortcutsDialog.tsx")).ShortcutsDialog,
}));

/** The overview: today's finding, and the charts. */
export function Overview() {
  const { search, selection, change } = useView();
  const dialog = useRef<HTMLDialogElement>(null);
  const runs = useAnswer(runsQuery(selection));
  const refused = useFallback(runs.error);
  const stale = useStaleness();
  const shown = runs.data?.meta.catalogue ?? search.catalogue;
  const blank = runs.data ? blankness(runs.data, search) : null;
  const actions = useMemo(
    () => ({
      t: () => {
        const chart = focusedChart();
        if (chart) change(toggleTable(search, chart));
      },
      "?": () => dialog.current?.showModal(),
    }),
    [change, search],
  );
  const shortcuts = useShortcuts(actions);
  return (
    <>
      <a className={frame.skip} href="#main">
        Skip to the charts
      </a>
      <header>
        <SampleBanner catalogue={shown} />
        <Masthead onHelp={() => dialog.current?.showModal()}>
          <Pickers shown={shown} isWaiting={runs.isPending} />
        </Masthead>
        {(!blank || search.as_of) && <Station stale={stale !== null} />}
        <Notice>
          {refused.words && (
            <>
              {refused.words}
              <button
                type="button"
                onClick={() => {
                  refused.close();
                  document.getElementById("main")?.focus();
                }}
              >
                Close
              </button>
            </>
          )}
        </Notice>
      </header>
      <Notice sticky>
        {stale && (
          <>
            <b>{stale}</b> Newer numbers could not be read; still asking.
          </>
        )}
      </Notice>
      <main id="main" className={frame.page} tabIndex={-1}>
        {blank ? <Blank why={blank} /> : <Charts />}
      </main>
      <Footer />
      <Suspense>
        <ShortcutsDialog dialog={dialog} shortcuts={shortcuts} />
      </Suspense>
    </>
  );
}

function Charts() {
  return (
    <>
      <LeadSection />
      <div className={styles.pair}>
        <section className={styles.ruled}>
          <RankingSection />
        </section>
        <section className={styles.ruled}>
          <GenresSection />
        </section>
      </div>
      <section className={styles.ruled}>
        <SeasonsSection />
      </section>
    </>
  );
}

/** In place of all charts, where each would say the same. */
function Blank({ why }: { why: Emptiness }) {
  return (
    <div className={styles.blank}>
      <h1 className="vh">Overview</h1>
      <Nothing why={why} />
    </div>
  );
}

/** The chart that holds the focus: a key pressed elsewhere may be meant for something else. */
function focusedChart(): ChartId | undefined {
  return CHARTS.find((id) => document.getElementById(id)?.contains(document.activeElement));
}
