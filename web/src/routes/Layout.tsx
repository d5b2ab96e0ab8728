import { lazy, type ReactNode, Suspense, useMemo, useRef, useState } from "react";
import { readShared } from "../address/shared.ts";
import { runsQuery } from "../api/queries.ts";
import { useResponse } from "../api/useResponse.ts";
import { emptyPageReason } from "../features/emptyReason.ts";
import { toggleTableInFocus } from "../features/keys/keys.ts";
import { useShortcuts } from "../features/keys/useShortcuts.ts";
import { CaptureStatus } from "../features/layout/CaptureStatus.tsx";
import { Footer } from "../features/layout/Footer.tsx";
import { Header } from "../features/layout/Header.tsx";
import layout from "../features/layout/Layout.module.css";
import { Notice } from "../features/layout/Notice.tsx";
import { Pickers } from "../features/layout/Pickers.tsx";
import { SampleBanner } from "../features/layout/SampleBanner.tsx";
import type { SearchHandle } from "../features/search/SearchBox.tsx";
import { useFallback } from "../features/useFallback.ts";
import { StalenessContext } from "../features/useStaleness.ts";
import { useView } from "../features/useView.ts";
import { useAnchor, useArrival } from "../router/useArrival.ts";

// Nobody needs it at first.
const ShortcutsDialog = lazy(async () => ({
  default: (await import("../features/keys/ShortcutsDialog.tsx")).ShortcutsDialog,
}));

/** What stands around every page: the header, what was captured, notices, the footer and the keys. */
export function Layout({ children }: { children: ReactNode }) {
  const { search, selection } = useView(readShared);
  const dialog = useRef<HTMLDialogElement>(null);
  const searchBox = useRef<SearchHandle>(null);
  const main = useRef<HTMLElement>(null);
  const runs = useResponse(runsQuery(selection));
  const refused = useFallback(runs.error);
  const [stale, setStale] = useState<string | null>(null);
  const shown = runs.data?.meta.catalogue ?? search.catalogue;
  const blank = runs.data !== undefined && emptyPageReason(runs.data, search) !== null;
  const actions = useMemo(
    () => ({
      t: toggleTableInFocus,
      "/": () => searchBox.current?.focus(),
      "?": () => dialog.current?.showModal(),
    }),
    [],
  );
  const shortcuts = useShortcuts(actions);
  useArrival(main);
  useAnchor(main);
  return (
    <>
      <a className={layout.skip} href="#main">
        Skip to the content
      </a>
      <header>
        <SampleBanner catalogue={shown} />
        <Header searchBox={searchBox} onHelp={() => dialog.current?.showModal()}>
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
                  main.current?.focus();
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
      <main id="main" ref={main} className={layout.page} tabIndex={-1}>
        <StalenessContext value={setStale}>{children}</StalenessContext>
      </main>
      <Footer />
      <Suspense>
        <ShortcutsDialog dialog={dialog} shortcuts={shortcuts} />
      </Suspense>
    </>
  );
}
