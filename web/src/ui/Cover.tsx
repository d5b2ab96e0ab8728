import styles from "./Cover.module.css";
import { coverOf, SCENES } from "./covers.ts";

/** A picture invented for an invented title; real titles have none. Says nothing, so it is not read aloud. */
export function Cover({ id }: { id: number }) {
  const { scene, dark, middle, light } = coverOf(id);
  const tones = { dark, middle, light };
  return (
    <svg className={styles.cover} viewBox="0 0 28 40" aria-hidden="true">
      {SCENES[scene]?.map(([tone, path]) => (
        <path key={path} d={path} fill={tones[tone]} />
      ))}
    </svg>
  );
}
