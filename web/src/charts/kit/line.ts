// Lines that stop where nothing was observed: no bridge, no zero.

export interface Point {
  x: number;
  y: number;
}

export interface Line {
  /** The `d` of a path; a stretch of one point is not in it. */
  path: string;
  /** Points with a gap on both sides, which need a dot to be seen. */
  isolated: Point[];
}

/** A coordinate with one decimal: enough for a screen, and short. */
export function px(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The line through the points; `null` breaks it. */
export function brokenLine(points: readonly (Point | null)[]): Line {
  const path: string[] = [];
  const isolated: Point[] = [];
  for (const stretch of stretches(points)) {
    const [first, ...rest] = stretch;
    if (!first) continue;
    if (rest.length === 0) isolated.push(first);
    else
      path.push(`M${px(first.x)} ${px(first.y)}`, ...rest.map((point) => `L${px(point.x)} ${px(point.y)}`));
  }
  return { path: path.join(""), isolated };
}

/** The line in two parts: dotted where it begins or ends at a weak point, solid elsewhere. */
export function weakLine<At extends Point>(
  points: readonly (At | null)[],
  weak: (point: At) => boolean,
): { solid: string; dotted: string } {
  const parts = { solid: "", dotted: "" };
  points.forEach((to, index) => {
    const from = points[index - 1];
    if (!from || !to) return;
    const part = weak(from) || weak(to) ? "dotted" : "solid";
    const before = points[index - 2];
    const goesOn = before && (weak(before) || weak(from) ? "dotted" : "solid") === part;
    parts[part] += `${goesOn ? "" : `M${px(from.x)} ${px(from.y)}`}L${px(to.x)} ${px(to.y)}`;
  });
  return parts;
}

function stretches(points: readonly (Point | null)[]): Point[][] {
  const found: Point[][] = [[]];
  for (const point of points) {
    if (point === null) found.push([]);
    else found.at(-1)?.push(point);
  }
  return found.filter((stretch) => stretch.length > 0);
}

export interface Gap {
  /** Index of the first one missing. */
  from: number;
  /** Index of the last one missing. */
  to: number;
}

/** Where values are missing. */
export function gaps(values: readonly unknown[]): Gap[] {
  const found: Gap[] = [];
  values.forEach((value, index) => {
    if (value !== null) return;
    const last = found.at(-1);
    if (last && last.to === index - 1) last.to = index;
    else found.push({ from: index, to: index });
  });
  return found;
}
