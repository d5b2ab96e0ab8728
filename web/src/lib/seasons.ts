// A season's name, and its numbers by the chosen statistic.

/** A season with fewer titles has a hollow bar; one with fewer scored titles is never compared. */
export const FEW = 5;

export type Statistic = "mean" | "median";
export type MembersStatistic = "sum" | "median";

/** The seasons as the page calls them. */
export const SEASON_NAMES = { winter: "Winter", spring: "Spring", summer: "Summer", fall: "Autumn" } as const;

interface Numbers {
  titles: number;
  scored: number;
  mean_score: number | null;
  median_score: number | null;
  members: number | null;
  median_members: number | null;
}

/** "Autumn 2026". */
export function seasonName({ season, year }: { season: keyof typeof SEASON_NAMES; year: number }): string {
  return `${SEASON_NAMES[season]} ${year}`;
}

/** The season's score by the chosen statistic. */
export function scoreOf(point: Numbers, statistic: Statistic): number | null {
  return statistic === "mean" ? point.mean_score : point.median_score;
}

/** The season's members by the chosen statistic. */
export function membersOf(point: Numbers, statistic: MembersStatistic): number | null {
  return statistic === "sum" ? point.members : point.median_members;
}

/** Whether its score is compared: so many titles have one, and most do. Any other has a hollow dot. */
export function isCompared({ titles, scored }: Pick<Numbers, "titles" | "scored">): boolean {
  return scored >= FEW && scored * 2 > titles;
}
