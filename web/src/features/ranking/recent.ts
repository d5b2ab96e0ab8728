import type { HistoryDay, TopTitle } from "../../api/types.gen.ts";

/** How many days the small line beside a title shows. */
export const SPARK_DAYS = 14;

/** The last of a title's days. */
export function recent(title: TopTitle): HistoryDay[] {
  return title.spark.slice(-SPARK_DAYS);
}
