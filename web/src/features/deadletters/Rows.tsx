import { type Ref, useState } from "react";
import { type Item, itemsQuery } from "../../api/operator.ts";
import { useOperator } from "../../api/useOperator.ts";
import { isItemDoable, itemName, itemPlace, sinceWhen, stateName } from "../../findings/deadLetters.ts";
import { exactTime } from "../../lib/dates.ts";
import { integer } from "../../lib/format.ts";
import { Button } from "../../ui/Button.tsx";
import { Failure } from "../../ui/States.tsx";
import styles from "./Rows.module.css";

interface RowsProps {
  filter: string;
  total: number;
  isExact: boolean;
  /** The open item. */
  open: string | undefined;
  /** Where a row's link leads. */
  path: (root: string) => string;
  selected: ReadonlyMap<string, Item>;
  /** Left out where nothing can be done with a selection. */
  onSelect: ((item: Item, isSelected: boolean) => void) | undefined;
  now: Date;
  list: Ref<HTMLUListElement>;
}

/** The items of a filter, a page at a time. */
export function Rows(props: RowsProps) {
  const { filter, total, isExact, onSelect, list } = props;
  return (
    <section aria-label="Rows" className={styles.rows}>
      <div className={styles.head}>
        <h2>Rows, newest first, UTC</h2>
        <span>
          {isExact ? "" : "about "}
          {integer(total)}
        </span>
      </div>
      <ul ref={list} className={styles.list}>
        <Slice {...props} key={filter} cursor={undefined} />
      </ul>
      <p className={styles.keys}>
        <kbd>j</kbd> <kbd>k</kbd> move, <kbd>Enter</kbd> open
        {onSelect && (
          <>
            , <kbd>d</kbd> dry run
          </>
        )}
      </p>
    </section>
  );
}

interface SliceProps extends RowsProps {
  cursor: string | undefined;
}

/** One page of them, and the next one when it is wanted. */
function Slice(props: SliceProps) {
  const { filter, cursor, open, path, selected, onSelect, now } = props;
  const query = useOperator(itemsQuery(filter, { cursor }));
  const [isMore, setMore] = useState(false);
  const { items = [], next_cursor: next } = query.data ?? {};
  if (query.isPending) return <li className={styles.waiting} aria-busy="true" />;
  if (query.isError && !query.data)
    return (
      <li>
        <Failure what="These rows" error={query.error} onRetry={() => void query.refetch()} />
      </li>
    );
  return (
    <>
      {items.map((item) => (
        <li key={item.root} className={styles.row} data-open={item.root === open ? "" : undefined}>
          {onSelect && isItemDoable(item) && (
            <input
              type="checkbox"
              aria-label={`Select ${itemName(item)}`}
              checked={selected.has(item.root)}
              onChange={(event) => onSelect(item, event.currentTarget.checked)}
            />
          )}
          <a
            href={path(item.root)}
            aria-current={item.root === open || undefined}
            title={`${itemName(item)}, ${itemPlace(item)}`}
          >
            <span className={styles.name}>{itemName(item)}</span>
            <span className={styles.when}>
              {item.edited && "edited, "}
              {item.correction !== null && `correction ${item.correction}, `}
              {item.state !== "open" && `${stateName(item.state)}, `}
              <time dateTime={item.first_at}>{sinceWhen(item.first_at, now, exactTime)}</time>
            </span>
          </a>
        </li>
      ))}
      {next &&
        (isMore ? (
          <Slice {...props} cursor={next} />
        ) : (
          <li className={styles.more}>
            <Button onClick={() => setMore(true)}>Show more</Button>
          </li>
        ))}
    </>
  );
}

/** Moves the focus in the list by one row; to the first where it is elsewhere. */
export function moveIn(list: HTMLElement | null, by: 1 | -1): void {
  const links = [...(list?.querySelectorAll("a") ?? [])];
  const row = document.activeElement?.closest("li")?.querySelector("a");
  const here = row ? links.indexOf(row) : -1;
  const shown = links.findIndex((link) => link.hasAttribute("aria-current"));
  const from = here >= 0 ? here + by : Math.max(0, shown + (shown < 0 ? 0 : by));
  links[Math.min(Math.max(0, from), links.length - 1)]?.focus();
}
