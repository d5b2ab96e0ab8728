// Where the squares of episodes stand in the ribbon, and which of them have their number.
import type { TimeScale } from "../kit/time.ts";

export interface EpisodeMark {
  x: number;
  number: number;
  /** Whether its square is drawn: closer ones leave out every second, then more. */
  named: boolean;
  /** The days over which the numbers speak of the premiere. */
  first: boolean;
}

/** Squares closer than this would touch. */
const SQUARE = 18;

/** The marks of those episodes that the days shown have. */
export function episodeMarks(
  episodes: readonly { number: number; day: string }[],
  scale: TimeScale,
): EpisodeMark[] {
  const shown = episodes.flatMap(({ number, day }) => {
    const index = scale.indexOf(day);
    return index === null ? [] : [{ x: scale.x(index), number }];
  });
  const apart = 7 * scale.step;
  let every = 1;
  while (apart * every < SQUARE && every < 64) every *= 2;
  return shown.map(({ x, number }) => ({
    x,
    number,
    named: (number - 1) % every === 0,
    first: number === 1,
  }));
}
