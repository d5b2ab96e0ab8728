import { itemQuery } from "../../api/operator.ts";
import { isUnknown } from "../../api/problem.ts";
import { useOperator } from "../../api/useOperator.ts";
import { itemHeadline } from "../../findings/deadLetters.ts";
import { Frame } from "./Frame.tsx";
import { ItemView } from "./ItemView.tsx";
import lists from "./Lists.module.css";

/** One dead letter on a page of its own, where links from elsewhere lead. */
export function ItemAlone({ root }: { root: string }) {
  const { data, error } = useOperator(itemQuery(root));
  return (
    <Frame
      heading={data ? itemHeadline(data.item) : isUnknown(error) ? "No dead letter has this root" : null}
      current={data?.item.state ?? null}
    >
      <div className={lists.page}>
        <ItemView root={root} />
      </div>
    </Frame>
  );
}
