import { shortDay } from "../../lib/dates.ts";
import { plural, scoreOrWhy } from "../../lib/format.ts";
import type { Script } from "../../lib/titles.ts";
import styles from "../rows.module.css";
import { TitleLink } from "../TitleLink.tsx";
import type { Line } from "./lines.ts";

/** The days drawn, newest first. */
export function LeadRows({ lines, script }: { lines: readonly Line[]; script: Script }) {
  const [leader] = lines;
  if (!leader) return null;
  return (
    <table className={styles.rows}>
      <thead>
        <tr>
          <th scope="col">{plural(leader.days.length, "day")}</th>
          {lines.map(({ title }) => (
            <th key={title.mal_id} scope="col" className={`n ${styles.name}`}>
              <TitleLink title={title} script={script} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {leader.days
          .map(({ day }, index) => (
            <tr key={day}>
              <th scope="row" className={styles.day}>
                {shortDay(day, leader.days.at(-1)?.day)}
              </th>
              {lines.map(({ title, days }) => (
                <td key={title.mal_id} className="n">
                  {scoreOrWhy(days[index])}
                </td>
              ))}
            </tr>
          ))
          .reverse()}
      </tbody>
    </table>
  );
}
