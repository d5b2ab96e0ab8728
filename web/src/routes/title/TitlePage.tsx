import { useDocumentTitle } from "../../features/useDocumentTitle.ts";

/** One title's line through time. */
export function TitlePage({ malId }: { malId: number }) {
  const name = `Title ${malId}`;
  useDocumentTitle(name);
  return <h1>{name}</h1>;
}
