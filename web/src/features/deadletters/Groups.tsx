import { deadLettersPath } from "../../address/deadLetters.ts";
import type { Group, Groups as GroupList } from "../../api/operator.ts";
import { groupState, groupTerms, lastHours, spanWords } from "../../findings/deadLetters.ts";
import { valueIn, without, withValue } from "../../lib/filter.ts";
import { integer } from "../../lib/format.ts";
import { Visible } from "../../ui/Visible.tsx";
import { GroupCard } from "./GroupCard.tsx";
import styles from "./Groups.module.css";

/** What chooses a group. */
const GROUP_KEYS = ["reason", "path", "keyword", "group"] as const;

interface GroupsProps {
  groups: GroupList["groups"];
  /** Otherwise the newest rows that match were counted, and there are more. */
  isExact: boolean;
  filter: string;
  now: Date;
}

/** Faults of one kind, with how many items they keep back and when those came. */
export function Groups({ groups, isExact, filter, now }: GroupsProps) {
  const chosen = chosenGroup(groups, filter);
  return (
    <section aria-label="Groups">
      <div className={styles.head}>
        <h2>Groups</h2>
        <span>
          rows{isExact ? "" : " of the newest that match"}, and the last {HOURS} hours
        </span>
      </div>
      <ul>
        {groups.map((group) => {
          const isChosen = group === chosen;
          return (
            <li key={group.group} className={styles.group} data-chosen={isChosen ? "" : undefined}>
              <a
                href={deadLettersPath(withGroup(filter, isChosen ? null : group))}
                aria-current={isChosen || undefined}
              >
                <span className={styles.line}>
                  <span>
                    {group.reason}{" "}
                    <code>
                      <Visible>{group.path || "the whole body"}</Visible>
                    </code>{" "}
                    <Visible>{group.keyword}</Visible>
                  </span>
                  <b>{integer(group.items)}</b>
                </span>
                <span className={styles.under}>
                  <span>
                    <State group={group} /> {spanWords(group.first_at, group.last_at, now)}
                  </span>
                  <Hours counts={lastHours(group.hours, now, HOURS)} />
                </span>
              </a>
              {(group.owner || group.note || group.hold) && !isChosen && <Said group={group} />}
              {isChosen && <GroupCard key={`${group.group}:${group.version}`} group={group} />}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** The filter without its group, so that the others stay in sight; a reason alone is none. */
export function withoutGroup(filter: string): string {
  const isGroup = GROUP_KEYS.some((key) => key !== "reason" && valueIn(filter, key) !== undefined);
  return isGroup ? without(filter, GROUP_KEYS) : filter;
}

/** The filter that chooses a group, or none. */
function withGroup(filter: string, group: Group | null): string {
  const rest = without(filter, GROUP_KEYS);
  const terms = Object.entries(group ? groupTerms(group) : {});
  return terms.reduce((text, [key, value]) => withValue(text, key, value), rest);
}

/** The one group that a filter chooses. */
export function chosenGroup(groups: readonly Group[], filter: string): Group | undefined {
  return groups.find((group) => {
    if (valueIn(filter, "group") === String(group.group)) return true;
    const terms = Object.entries(groupTerms(group));
    return terms.every(([key, value]) => valueIn(filter, key) === value);
  });
}

/** Those of the groups that have what the filter says of a group. */
export function groupsWithin(groups: readonly Group[], filter: string): Group[] {
  return groups.filter((group) => GROUP_KEYS.every((key) => fits(valueIn(filter, key), String(group[key]))));
}

function fits(wanted: string | undefined, value: string): boolean {
  const is = (one: string) => (one.endsWith("*") ? value.startsWith(one.slice(0, -1)) : one === value);
  return wanted === undefined || wanted.split(",").some(is);
}

function State({ group }: { group: Group }) {
  const { state, regressed_at } = group;
  const isBad = state === "regressed" || (regressed_at !== null && state !== "muted");
  return (
    <b className={isBad ? styles.bad : state === "fixed" ? styles.ok : styles.state} data-state={state}>
      {groupState(group)}
    </b>
  );
}

/** What people said of it, in one line. */
function Said({ group: { owner, note, hold } }: { group: Group }) {
  return (
    <p className={styles.said}>
      {hold && <b>held back </b>}
      {owner && <Visible>{note ? `${owner}: ` : owner}</Visible>}
      {note && <Visible>{note}</Visible>}
    </p>
  );
}

/** How far back the bars reach: one for each hour. */
const HOURS = 24;
const [HEIGHT, STEP] = [22, 5];
const WIDTH = HOURS * STEP;

/** How many came in each of the last hours. */
function Hours({ counts }: { counts: readonly number[] }) {
  const most = Math.max(1, ...counts);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const words = `${integer(total)} in the last ${HOURS} hours, a bar for each hour`;
  return (
    <svg className={styles.hours} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words}>
      <title>{words}</title>
      {counts.map((count, index) => {
        const height = count === 0 ? 1 : Math.max(3, (count / most) * HEIGHT);
        const x = index * STEP;
        return (
          <rect
            key={x}
            x={x}
            y={HEIGHT - height}
            width={STEP - 1}
            height={height}
            data-none={count === 0 || undefined}
          />
        );
      })}
    </svg>
  );
}
