import { overviewPath } from "../../address/paths.ts";
import { readShared } from "../../address/shared.ts";
import { asApiError } from "../../api/problem.ts";
import { useView } from "../../features/useView.ts";
import styles from "./TitlePage.module.css";

/** A number that no title of the catalogue has. */
export function UnknownTitle({ malId, error }: { malId: number; error: unknown }) {
  const { search } = useView(readShared);
  return (
    <div className={styles.failure}>
      <h1>No title {malId} is known</h1>
      <p>{asApiError(error).message}</p>
      <p>
        Search for its name above (<kbd>/</kbd>), choose another catalogue, or go to{" "}
        <a href={overviewPath(search)}>the overview</a>.
      </p>
    </div>
  );
}
