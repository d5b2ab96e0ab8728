import { Gate } from "../../features/deadletters/Gate.tsx";
import { ItemAlone } from "../../features/deadletters/ItemAlone.tsx";

/** One dead letter. */
export function ItemPage({ root }: { root: string }) {
  return (
    <Gate>
      <ItemAlone key={root} root={root} />
    </Gate>
  );
}
