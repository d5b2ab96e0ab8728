import { Desk } from "../../features/deadletters/Desk.tsx";
import { Gate } from "../../features/deadletters/Gate.tsx";

/** What could not be stored. */
export function DeadLettersPage() {
  return (
    <Gate>
      <Desk />
    </Gate>
  );
}
