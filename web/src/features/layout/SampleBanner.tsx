import type { Catalogue } from "../../api/types.gen.ts";
import styles from "./Layout.module.css";

/** Says that nothing here is real. While the catalogue is not known, its room is kept. */
export function SampleBanner({ catalogue }: { catalogue: Catalogue | undefined }) {
  if (catalogue === "mal") return null;
  return (
    <div className={styles.sample}>
      {catalogue === "sample" ? (
        <p>
          <b>Sample data.</b> All titles and numbers here are invented.
        </p>
      ) : (
        <p aria-hidden="true">&nbsp;</p>
      )}
    </div>
  );
}
