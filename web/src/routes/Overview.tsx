import { lazy, Suspense, useMemo, useRef } from "react";
import { runsQuery } from "../api/queries.ts";
import { useResponse } from "../api/useResponse.ts";
import { EmptyState } from "../features/EmptyState.tsx";
import { type EmptyReason, emptyPageReason } from "../features/emptyReason.ts";
import { GenresSection } from "../features/genres/GenresSection.tsx";
import { useShortcuts } from "../features/keys/useShortcuts.ts";
import { CaptureStatus } from "../features/layout/CaptureStatus.tsx";
import { Footer } from "../features/layout/Footer.tsx";
import { Header } from "../features/layout/Header.tsx";
import layout from "../features/layout/Layout.module.css";
import { Notice } from "../features/layout/Notice.tsx";
import { Pickers } from "../features/layout/Pickers.tsx";
import { SampleBanner } from "../features/layout/SampleBanner.tsx";
import { LeadSection } from "../features/lead/LeadSection.tsx";
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
  const runs = useResponse(runsQuery(selection));
  const refused = useFallback(runs.error);
  const stale = useStaleness();
  const shown = runs.data?.meta.catalogue ?? search.catalogue;
  const blank = runs.data ? emptyPageReason(runs.data, search) : null;
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
      <a className={layout.skip} href="#main">
        Skip to the charts
      </a>
      <header>
        <SampleBanner catalogue={shown} />
        <Header onHelp={() => dialog.current?.showModal()}>
          <Pickers shown={shown} isWaiting={runs.isPending} />
        </Header>
        {(!blank || search.as_of) && <CaptureStatus stale={stale !== null} />}
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
            <b>{stale}</b> Newer numbers could not be read; still trying.
          </>
        )}
      </Notice>
      <main id="main" className={layout.page} tabIndex={-1}>
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
function Blank({ why }: { why: EmptyReason }) {
  return (
    <div className={styles.blank}>
      <h1 className="vh">Overview</h1>
      <EmptyState why={why} />
    </div>
  );
}

/** The chart that holds the focus: a key pressed elsewhere may be meant for something else. */
function focusedChart(): ChartId | undefined {
  return CHARTS.find((id) => document.getElementById(id)?.contains(document.activeElement));
}
