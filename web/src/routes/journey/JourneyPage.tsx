import { useDocumentTitle } from "../../features/useDocumentTitle.ts";

interface JourneyPageProps {
  epoch: number;
  seq: number;
}

/** What is known of one stored page, from the upstream to the tables. */
export function JourneyPage({ epoch, seq }: JourneyPageProps) {
  const name = `RAW message ${seq}`;
  useDocumentTitle(name);
  return (
    <>
      <h1>{name}</h1>
      <p>Epoch {epoch}.</p>
    </>
  );
}
