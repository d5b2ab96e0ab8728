// What a plan says of its rows, in words.
import type { Member } from "../api/operator.ts";
import { visible } from "../lib/visible.ts";

/** "passes" */
export function verdictWords({ verdict }: Member): string {
  return verdict === "pass" ? "passes" : verdict === "fail" ? "fails" : "not judged";
}

/** Why it does not pass. */
export function faultWords({ faults }: Member): string {
  return faults
    .map(({ path, keyword, message }) => visible(`${path} ${message ?? keyword}`.trim()))
    .join("; ");
}

/** What became of it; `null` where nothing did yet. */
export function outcomeWords({ outcome, skipped, changed }: Member): string | null {
  if (outcome === "skipped") return `skipped: ${visible(skipped ?? "no reason is known")}`;
  return outcome ?? (changed ? "changed since" : null);
}
