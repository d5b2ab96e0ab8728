// Which page stands at which address.
import { lazy, type ReactNode, Suspense } from "react";
import { usePlace } from "../router/useHistory.ts";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { NotFound } from "./ErrorPages.tsx";
import { Overview } from "./Overview.tsx";

const TitlePage = lazy(async () => ({ default: (await import("./title/TitlePage.tsx")).TitlePage }));
const JourneyPage = lazy(async () => ({ default: (await import("./journey/JourneyPage.tsx")).JourneyPage }));

type Route = readonly [path: RegExp, page: (...parts: string[]) => ReactNode];

const ROUTES: readonly Route[] = [
  [/^\/$/, () => <Overview />],
  [/^\/title\/([1-9]\d{0,9})$/, (id) => <TitlePage malId={Number(id)} />],
  [
    /^\/journey\/(\d{1,15})\/(\d{1,15})$/,
    (epoch, seq) => <JourneyPage epoch={Number(epoch)} seq={Number(seq)} />,
  ],
];

/** Whether a page stands there. */
export function isPage(path: string): boolean {
  return ROUTES.some(([pattern]) => pattern.test(path));
}

/** The page at the reader's address. Nothing of the one before is left in it. */
export function Page() {
  const { path } = usePlace();
  return (
    <ErrorBoundary key={path}>
      <Suspense fallback={<div aria-busy="true" />}>{pageAt(path)}</Suspense>
    </ErrorBoundary>
  );
}

function pageAt(path: string): ReactNode {
  for (const [pattern, page] of ROUTES) {
    const parts = pattern.exec(path)?.slice(1);
    if (parts) return page(...parts);
  }
  return <NotFound />;
}
