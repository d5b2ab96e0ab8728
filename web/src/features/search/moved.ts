/** The option that a key leads to from another; `null` of a key that leads to none. The last one is followed by the first. */
export function moved(key: string, from: number, count: number): number | null {
  const last = Math.max(0, count - 1);
  if (key === "ArrowDown") return from >= last ? 0 : from + 1;
  if (key === "ArrowUp") return from <= 0 ? last : from - 1;
  if (key === "Home") return 0;
  return key === "End" ? last : null;
}
