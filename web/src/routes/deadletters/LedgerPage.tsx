import { Gate } from "../../features/deadletters/Gate.tsx";
import { LedgerView } from "../../features/deadletters/LedgerView.tsx";

/** Whether the rows add up. */
export function LedgerPage() {
  return (
    <Gate>
      <LedgerView />
    </Gate>
  );
}
