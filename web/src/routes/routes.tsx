// Which page stands at which address.
import { lazy, type ReactNode, Suspense } from "react";
import { usePlace } from "../router/useHistory.ts";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { NotFound } from "./ErrorPages.tsx";
import { Overview } from "./Overview.tsx";

const TitlePage = lazy(async () => ({ default: (await import("./title/TitlePage.tsx")).TitlePage }));
const JourneyPage = lazy(async () => ({ default: (await import("./journey/JourneyPage.tsx")).JourneyPage }));
const DeadLettersPage = lazy(async () => ({
  default: (await import("./deadletters/DeadLettersPage.tsx")).DeadLettersPage,
}));
const ItemPage = lazy(async () => ({ default: (await import("./deadletters/ItemPage.tsx")).ItemPage }));
const PlanPage = lazy(async () => ({ default: (await import("./deadletters/PlanPage.tsx")).PlanPage }));
const JobPage = lazy(async () => ({ default: (await import("./deadletters/JobPage.tsx")).JobPage }));
const JobsPage = lazy(async () => ({ default: (await import("./deadletters/JobsPage.tsx")).JobsPage }));
const AuditPage = lazy(async () => ({ default: (await import("./deadletters/AuditPage.tsx")).AuditPage }));
const LedgerPage = lazy(async () => ({ default: (await import("./deadletters/LedgerPage.tsx")).LedgerPage }));
const SignInPage = lazy(async () => ({ default: (await import("./deadletters/SignInPage.tsx")).SignInPage }));

type Route = readonly [path: RegExp, page: (...parts: string[]) => ReactNode];

const UUID = "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})";

const ROUTES: readonly Route[] = [
  [/^\/$/, () => <Overview />],
  [/^\/title\/([1-9]\d{0,9})$/, (id) => <TitlePage malId={Number(id)} />],
  [
    /^\/journey\/(\d{1,15})\/(\d{1,15})$/,
    (epoch, seq) => <JourneyPage epoch={Number(epoch)} seq={Number(seq)} />,
  ],
  [/^\/sign-in$/, () => <SignInPage />],
  [/^\/dead-letters$/, () => <DeadLettersPage />],
  [/^\/dead-letters\/items\/([^/]+)$/, (root) => <ItemPage root={decoded(root)} />],
  [new RegExp(`^/dead-letters/plans/${UUID}$`), (plan) => <PlanPage plan={plan} />],
  [/^\/dead-letters\/jobs$/, () => <JobsPage />],
  [new RegExp(`^/dead-letters/jobs/${UUID}$`), (job) => <JobPage job={job} />],
  [/^\/dead-letters\/audit$/, () => <AuditPage />],
  [/^\/dead-letters\/ledger$/, () => <LedgerPage />],
];

/** A part of an address as text; a wrongly written one as it stands. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

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
