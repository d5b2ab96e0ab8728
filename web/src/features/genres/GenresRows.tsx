import type { Kind } from "../../api/queries.ts";
import type { GenreShare } from "../../api/types.gen.ts";
import { KIND_NAMES } from "../../findings/genres.ts";
import { capital, integer, percentInColumn, score } from "../../lib/format.ts";
import styles from "../rows.module.css";

/** Every row, those too that the drawing has no room for. */
export function GenresRows({ genres, kind }: { genres: readonly GenreShare[]; kind: Kind }) {
  return (
    <table className={styles.rows}>
      <thead>
        <tr>
          <th scope="col">{capital(KIND_NAMES[kind].one)}</th>
          <th scope="col" className="n">
            Titles
          </th>
          <th scope="col" className="n">
            Share
          </th>
          <th scope="col" className={`n ${styles.wide}`}>
            Scored
          </th>
          <th scope="col" className="n">
            Mean score
          </th>
          <th scope="col" className={`n ${styles.wide}`}>
            Members
          </th>
        </tr>
      </thead>
      <tbody>
        {genres.map((genre) => (
          <tr key={genre.genre_id}>
            <th scope="row">{genre.name}</th>
            <td className="n">{integer(genre.titles)}</td>
            <td className="n">{percentInColumn(genre.share)}</td>
            <td className={`n ${styles.wide}`}>{integer(genre.scored)}</td>
            <td className="n">{score(genre.mean_score)}</td>
            <td className={`n ${styles.wide}`}>{integer(genre.members)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
