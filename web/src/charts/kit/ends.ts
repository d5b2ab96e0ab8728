// Words at the ends of lines, pushed apart where they would lie on each other.

interface Label {
  /** Where its line ends. */
  y: number;
  /** What it takes, from its middle on to both sides. */
  height: number;
}

/** Where the middle of each label goes: as near to its line as the others and the bounds leave it. */
export function pushApart(labels: readonly Label[], [top, bottom]: readonly [number, number]): number[] {
  const order = labels.map((label, index) => ({ ...label, index })).sort((a, b) => a.y - b.y);
  let edge = top;
  for (const label of order) {
    label.y = Math.max(label.y, edge + label.height / 2);
    edge = label.y + label.height / 2;
  }
  edge = bottom;
  for (const label of order.toReversed()) {
    label.y = Math.min(label.y, edge - label.height / 2);
    edge = label.y - label.height / 2;
  }
  return labels.map((_, index) => order.find((label) => label.index === index)?.y ?? 0);
}
