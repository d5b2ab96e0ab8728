// The words over a saved drawing: no page around it tells whose it is.
import { type Named, nameOf, type Script } from "../../lib/titles.ts";

/** The title's name before a finding; the finding alone while the name is not known. */
export function captionOf(title: Named | undefined, script: Script | undefined, heading: string): string {
  return title ? `${nameOf(title, script ?? "english").text}: ${heading}` : heading;
}
