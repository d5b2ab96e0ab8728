import { overviewPath } from "../../address/paths.ts";
import { readShared } from "../../address/shared.ts";
import { asApiError } from "../../api/problem.ts";
import { useView } from "../../features/useView.ts";
import { capital } from "../../lib/format.ts";
import styles from "./TitlePage.module.css";

/** A number that no title of the catalogue has. */
export function UnknownTitle({ malId, error }: { malId: number; error: unknown }) {
  const { search } = useView(readShared);
  return (
    <div className={styles.failure}>
      <h1>No title {malId} is known</h1>
      <p>{reasonOf(error)}</p>
      <p>
        Search for its name above (<kbd>/</kbd>), choose another catalogue, or go to{" "}
        <a href={overviewPath(search)}>the overview</a>.
      </p>
    </div>
  );
}

/** What the server says of it; how to search the API is of no use here. */
function reasonOf(error: unknown): string {
  const [reason = ""] = asApiError(error).message.split(";");
  return capital(reason.endsWith(".") ? reason : `${reason}.`);
}
