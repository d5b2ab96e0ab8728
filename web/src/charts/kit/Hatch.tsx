/** The pattern of what was not observed. `id` must be unique in the page. */
export function Hatch({ id }: { id: string }) {
  return (
    <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect width="6" height="6" fill="var(--paper)" />
      <line x1="0" x2="0" y1="0" y2="6" stroke="var(--rule-strong)" strokeWidth="1.25" />
    </pattern>
  );
}
