import { useId } from "react";
import type { GapBand } from "./bands.ts";
import { Hatch } from "./Hatch.tsx";

interface GapBandsProps {
  gaps: readonly Pick<GapBand, "x" | "width">[];
  top: number;
  bottom: number;
}

/** Hatched bands over what was not observed; `GapText` says so, above the grid. */
export function GapBands({ gaps, top, bottom }: GapBandsProps) {
  const hatch = useId();
  return (
    <>
      <defs>
        <Hatch id={hatch} />
      </defs>
      {gaps.map((gap) => (
        <rect key={gap.x} x={gap.x} y={top} width={gap.width} height={bottom - top} fill={`url(#${hatch})`} />
      ))}
    </>
  );
}
