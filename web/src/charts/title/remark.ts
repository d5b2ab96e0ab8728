// Where the one remark of a drawing stands: beside its point, inside the panel.
import { textWidth } from "../../lib/titles.ts";
import type { Point } from "../kit/line.ts";

export interface RemarkPlace {
  lines: readonly [string, string];
  x: number;
  /** The foot of its first line. */
  y: number;
  anchor: "start" | "end";
  /** The hook from the point to the words. */
  hook: string;
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const CHARACTER = 6.3;
const ASIDE = 28;
/** How far above its point the words stand, or how far below. */
const ABOVE = 52;
const BELOW = 44;

/** The place of a remark; `null` where the point is not drawn. */
export function remarkPlace(
  { lines }: { lines: readonly [string, string] },
  point: Point | null | undefined,
  box: Box,
): RemarkPlace | null {
  if (!point) return null;
  const width = Math.max(...lines.map(textWidth)) * CHARACTER;
  const side = point.x - ASIDE - width > box.left || point.x + ASIDE + width > box.right ? -1 : 1;
  const up = point.y - ABOVE - 14 > box.top ? -1 : 1;
  const x = point.x + side * ASIDE;
  const end = { x: x - side * 2, y: point.y + up * 30 };
  return {
    lines,
    x,
    y: up < 0 ? point.y - ABOVE : point.y + BELOW,
    anchor: side < 0 ? "end" : "start",
    hook: `M${point.x + side * 8} ${point.y + up * 5}C${point.x + side * 20} ${point.y + up * 14} ${end.x + side * -2} ${point.y + up * 20} ${end.x} ${end.y}`,
  };
}
