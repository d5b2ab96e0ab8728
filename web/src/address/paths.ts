// Where the pages are. A link keeps the captures shown and the script of the names.
import { readShared, type SharedSearch, stringify } from "./shared.ts";

/** The address of the overview. */
export function overviewPath(search: SharedSearch = {}): string {
  return `/${stringify(readShared({ ...search }))}`;
}

/** The address of a title's page. */
export function titlePath(malId: number, search: SharedSearch = {}): string {
  return `/title/${malId}${stringify(readShared({ ...search }))}`;
}

/** The address of what is known of a stored page, and of one title's row in it. */
export function journeyPath(epoch: number, seq: number, search: SharedSearch = {}, malId?: number): string {
  const title = malId === undefined ? undefined : String(malId);
  return `/journey/${epoch}/${seq}${stringify({ ...readShared({ ...search }), title })}`;
}
