import { useMemo, useRef, useState } from "react";
import { asFilter, deadLettersPath, filterOf, readDeadLetters } from "../../address/deadLetters.ts";
import {
  type Group,
  type Groups as GroupList,
  groupsQuery,
  type Item,
  type ItemState,
  itemsQuery,
} from "../../api/operator.ts";
import { asApiError } from "../../api/problem.ts";
import { useOperator } from "../../api/useOperator.ts";
import { headline, isDoable } from "../../findings/deadLetters.ts";
import { termsOf, valueIn } from "../../lib/filter.ts";
import { Button } from "../../ui/Button.tsx";
import { Empty, Failure } from "../../ui/States.tsx";
import { useShortcuts } from "../keys/useShortcuts.ts";
import { useNow } from "../useNow.ts";
import { useView } from "../useView.ts";
import styles from "./Desk.module.css";
import { Facets } from "./Facets.tsx";
import { FilterField } from "./FilterField.tsx";
import { Frame } from "./Frame.tsx";
import { chosenGroup, Groups, groupsWithin, withoutGroup } from "./Groups.tsx";
import { ItemView } from "./ItemView.tsx";
import { PlanPanel } from "./PlanPanel.tsx";
import { moveIn, Rows } from "./Rows.tsx";
import { useRight } from "./session.ts";
import { useKeptFocus } from "./useKeptFocus.ts";
import { useOpened } from "./useOpened.ts";
import { WhatNow, type WhatNowHandle } from "./WhatNow.tsx";

/** Dead letters: what happened, the ways to narrow it, its rows, and the open one. */
export function Desk() {
  const { search, change } = useView(readDeadLetters);
  const now = useNow();
  const mayAct = useRight("act");
  const filter = filterOf(search);
  const groups = useOperator(groupsQuery(withoutGroup(filter)));
  // What a facet leaves is counted within the group too; without one both are the same request.
  const counted = useOperator(groupsQuery(filter));
  const items = useOperator(itemsQuery(filter));
  const oldest = useOperator(itemsQuery(filter, { limit: 1, order: "oldest" }));
  const [selected, setSelected] = useState<ReadonlyMap<string, Item>>(new Map());
  const [showFacets, setShowFacets] = useState(false);
  const list = useRef<HTMLUListElement>(null);
  const whatNow = useRef<WhatNowHandle>(null);
  const actions = useMemo(
    () => ({
      j: () => moveIn(list.current, 1),
      k: () => moveIn(list.current, -1),
      d: () => whatNow.current?.dryRun(),
    }),
    [],
  );
  useShortcuts(actions);
  const opened = useOpened(search.item);
  const acting = useKeptFocus<HTMLDivElement>(search.plan);

  const go = (next: string) => {
    setSelected(new Map());
    change({ filter: asFilter(next), item: undefined, plan: undefined }, true);
  };
  const error = items.isError ? asApiError(items.error) : null;
  const unread = [groups, counted].find(({ data, isError }) => isError && !data);
  const isMalformed = error?.status === 400;
  const total = items.isPlaceholder ? 0 : (items.data?.total ?? 0);
  const chosen = groups.data && chosenGroup(groups.data.groups, filter);
  const states = (valueIn(filter, "state") ?? "").split(",").filter(Boolean);
  const canDo = mayAct && isDoable(states);
  const narrowed = termsOf(filter).some(({ key }) => key !== "state");
  const happened =
    items.data && groups.data && !items.isPlaceholder && !groups.isPlaceholder
      ? headline(
          {
            total: items.data.total,
            isExact: items.data.total_is_exact,
            states,
            since: oldest.data?.items[0]?.first_at ?? null,
            faults: chosen
              ? 1
              : groupsWithin(groups.data.groups, filter).filter(({ items }) => items > 0).length,
            isNarrowed: narrowed,
          },
          now,
        )
      : null;
  const select = (item: Item, isSelected: boolean) => {
    const next = new Map(selected);
    if (isSelected) next.set(item.root, item);
    else next.delete(item.root);
    setSelected(next);
  };
  return (
    <Frame
      heading={isMalformed ? "This filter cannot be read" : happened}
      sub={chosen && <Because reason={chosen.reason} path={chosen.path} keyword={chosen.keyword} />}
      current={states.length === 1 ? (states[0] as ItemState) : null}
    >
      <FilterField filter={filter} error={isMalformed ? error : null} onFilter={go} />
      {error && !isMalformed && !items.data && (
        <Failure what="The dead letters" error={error} onRetry={() => void items.refetch()} />
      )}
      {unread && !isMalformed && !error && (
        <Failure
          what={unread === groups ? "The groups" : "The facets"}
          error={asApiError(unread.error)}
          onRetry={() => void unread.refetch()}
        />
      )}
      {items.isPending && <div className={styles.waiting} aria-busy="true" />}
      {items.data && !isMalformed && (
        <div className={styles.desk} aria-busy={items.isPlaceholder || undefined}>
          <div className={styles.facets}>
            <span className={styles.toggle}>
              <Button expanded={showFacets} onClick={() => setShowFacets(!showFacets)}>
                Facets
              </Button>
            </span>
            <div data-open={showFacets ? "" : undefined}>
              {counted.data && <Facets facets={counted.data.facets} filter={filter} onFilter={go} />}
            </div>
          </div>
          <div className={styles.groups}>
            {groups.data && (
              <Groups
                groups={groups.data.groups}
                isExact={groups.data.counts_are_exact}
                filter={filter}
                now={now}
              />
            )}
          </div>
          <div className={styles.detail}>
            <div ref={acting} tabIndex={-1}>
              {search.plan ? (
                <PlanPanel
                  key={search.plan}
                  plan={search.plan}
                  onClose={() => change({ plan: undefined }, true)}
                />
              ) : (
                canDo && (
                  <WhatNow
                    key={filter}
                    ref={whatNow}
                    filter={filter}
                    total={total}
                    selected={selected}
                    paths={placesOf(groups.data, chosen)}
                    steps={search.steps}
                    onClear={() => setSelected(new Map())}
                    onSteps={(steps) => change({ steps })}
                    onPlan={(plan) => change({ plan }, true)}
                  />
                )
              )}
            </div>
            <div ref={opened} className={styles.opened} tabIndex={-1}>
              {search.item && <ItemView key={search.item} root={search.item} />}
            </div>
          </div>
          <div className={styles.list}>
            {items.data.total === 0 ? (
              <None isNarrowed={narrowed} filter={filter} onFilter={go} />
            ) : (
              <Rows
                filter={filter}
                total={items.data.total}
                isExact={items.data.total_is_exact}
                open={search.item}
                path={(item) => deadLettersPath(filter, { item, plan: search.plan })}
                selected={selected}
                onSelect={canDo ? select : undefined}
                now={now}
                list={list}
              />
            )}
          </div>
        </div>
      )}
    </Frame>
  );
}

/** Where something is wrong, in the chosen group first. */
function placesOf(groups: GroupList | undefined, chosen: Group | undefined): string[] {
  const paths = [chosen?.path ?? "", ...(groups?.facets.path ?? []).map(({ value }) => value)];
  return [...new Set(paths)].filter((path) => path !== "");
}

/** What the rows of one group have in common, and what became of their neighbours. */
function Because({ reason, path, keyword }: { reason: string; path: string; keyword: string }) {
  return (
    <>
      {keyword ? (
        <>
          What stands at <code>{path || "/"}</code> breaks the rule <code>{keyword}</code>.
        </>
      ) : (
        <>
          The reason is <code>{reason}</code>.
        </>
      )}{" "}
      Rows of the same pages that passed went on to the charts.
    </>
  );
}

interface NoneProps {
  isNarrowed: boolean;
  filter: string;
  onFilter: (filter: string) => void;
}

function None({ isNarrowed, filter, onFilter }: NoneProps) {
  const state = valueIn(filter, "state");
  return isNarrowed ? (
    <Empty
      reason="No dead letter matches."
      hint="Nothing has all of what the filter says."
      action={{ name: "Show what is open", onClick: () => onFilter("state:open") }}
    />
  ) : (
    <Empty
      reason="No dead letters."
      hint={
        state === "open"
          ? "Every row that came was stored, or somebody has dealt with it."
          : "None is in this state."
      }
    />
  );
}
