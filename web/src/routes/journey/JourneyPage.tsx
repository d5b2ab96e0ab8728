import { readJourney } from "../../address/journey.ts";
import { JourneyView } from "../../features/journey/JourneyView.tsx";
import { useDocumentTitle } from "../../features/useDocumentTitle.ts";
import { useView } from "../../features/useView.ts";

interface JourneyPageProps {
  epoch: number;
  seq: number;
}

/** What is known of one stored page, from the upstream to the tables. */
export function JourneyPage({ epoch, seq }: JourneyPageProps) {
  const { search } = useView(readJourney);
  useDocumentTitle(`RAW message ${seq}`);
  return (
    <JourneyView epoch={epoch} seq={seq} malId={search.title === undefined ? null : Number(search.title)} />
  );
}
