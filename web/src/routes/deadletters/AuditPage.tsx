import { AuditView } from "../../features/deadletters/AuditView.tsx";
import { Gate } from "../../features/deadletters/Gate.tsx";

/** Who did what. */
export function AuditPage() {
  return (
    <Gate>
      <AuditView />
    </Gate>
  );
}
