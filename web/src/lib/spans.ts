// How long something took, in words.

const UNITS = [
  [86_400_000, "day"],
  [3_600_000, "h"],
  [60_000, "min"],
] as const;

/** "0.4 s", "12 s", "3 min", "5 h", "119 days". */
export function span(ms: number): string {
  const size = Math.abs(ms);
  const sign = ms < 0 ? "−" : "";
  for (const [unit, name] of UNITS) {
    if (size < unit * 1.5) continue;
    const count = Math.round(size / unit);
    return `${sign}${count.toLocaleString("en-GB")} ${name === "day" && count !== 1 ? "days" : name}`;
  }
  const seconds = size / 1000;
  return `${sign}${seconds < 9.95 ? seconds.toFixed(seconds < 0.0995 ? 3 : 1) : Math.round(seconds)} s`;
}
