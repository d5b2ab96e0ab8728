import { Gate } from "../../features/deadletters/Gate.tsx";
import { PlanView } from "../../features/deadletters/PlanView.tsx";

/** A dry run. */
export function PlanPage({ plan }: { plan: string }) {
  return (
    <Gate>
      <PlanView plan={plan} />
    </Gate>
  );
}
