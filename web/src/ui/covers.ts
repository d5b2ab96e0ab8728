// Covers for titles that do not exist: a scene in three tones of one hue, always the same for the same title.

type Tone = "dark" | "middle" | "light";
/** Shapes on a page of 28 by 40, the lowest first. */
type Scene = readonly (readonly [tone: Tone, path: string])[];

const PAGE = "M0 0h28v40H0z";

/** A circle as a path. */
function disc(x: number, y: number, r: number): string {
  return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
}

export const SCENES: readonly Scene[] = [
  // The sun behind an island.
  [
    ["light", PAGE],
    ["middle", disc(14, 17, 8)],
    ["dark", "M0 26h28v14H0z"],
    ["dark", "M3 26l6-7 4 4 3-3 8 6z"],
    ["light", "M6 31h9v1H6zM15 35h8v1h-8z"],
  ],
  // A tower with its lamp lit.
  [
    ["dark", PAGE],
    ["middle", "M14 11 28 4v16z"],
    ["light", "M12 14h5l2 22h-9z"],
    ["light", disc(14.5, 11, 3)],
    ["middle", "M0 34q14-7 28 0v6H0z"],
  ],
  // Hills at night.
  [
    ["dark", PAGE],
    ["light", disc(8, 10, 4)],
    ["dark", disc(10, 9, 4)],
    ["middle", "M0 30 11 18l9 10 8-7v19H0z"],
    ["light", "M0 36q8-5 15-1t13-2v7H0z"],
  ],
  // Windows of a house, two of them awake.
  [
    ["middle", PAGE],
    ["dark", "M4 8h20v32H4z"],
    ["light", "M8 13h4v5H8zM16 22h4v5h-4z"],
    ["middle", "M16 13h4v5h-4zM8 22h4v5H8zM8 31h4v5H8zM16 31h4v5h-4z"],
    ["light", "M4 6h20v2H4z"],
  ],
  // Rails that meet far away.
  [
    ["light", PAGE],
    ["middle", "M0 18h28v22H0z"],
    ["dark", "M13 18 3 40h4l6.6-22zM15 18l10 22h-4l-6.6-22z"],
    ["dark", "M8 31h12v1.5H8zM10.5 25h7v1h-7z"],
    ["dark", disc(21, 9, 3.5)],
  ],
  // A bridge over a river.
  [
    ["light", PAGE],
    ["middle", "M0 4h28v9H0z"],
    ["dark", "M0 20h28v4h-3q-3 0-3 4v3h-4v-3q0-4-4-4t-4 4v3H6v-3q0-4-3-4H0z"],
    ["middle", "M0 31h28v9H0z"],
    ["light", "M3 34h8v1H3zM15 36h10v1H15z"],
  ],
  // A lamp in the rain.
  [
    ["dark", PAGE],
    ["middle", "M5 3 3 9h1l2-6zM13 6l-2 6h1l2-6zM24 3l-2 6h1l2-6zM7 22l-2 6h1l2-6zM24 20l-2 6h1l2-6z"],
    ["light", "M13 19 6 34h16l-6-15z"],
    ["middle", "M14 12h2v28h-2zM11 14h8l2 5H9z"],
  ],
  // A paper kite.
  [
    ["middle", PAGE],
    ["light", "M17 5 24 14 15 23 9 12z"],
    ["dark", "M17 5 15 23 9 12zM14.6 23q-6 5-3 9t-5 6l-.6-1q6-2 4-5t3.6-9z"],
    ["dark", "M0 37h28v3H0z"],
  ],
];

interface CoverOf extends Record<Tone, string> {
  scene: number;
}

/** The scene and the tones of a title's cover. */
export function coverOf(id: number): CoverOf {
  // Spreads neighbouring numbers over the colour wheel and the scenes.
  const spread = Math.imul(id, 0x9e3779b1) >>> 0;
  const hue = (spread >>> 8) % 360;
  return {
    scene: (spread >>> 20) % SCENES.length,
    dark: `oklch(0.4 0.09 ${hue})`,
    middle: `oklch(0.64 0.11 ${(hue + 20) % 360})`,
    light: `oklch(0.88 0.06 ${(hue + 45) % 360})`,
  };
}
