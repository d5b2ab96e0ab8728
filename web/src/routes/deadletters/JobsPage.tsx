import { Gate } from "../../features/deadletters/Gate.tsx";
import { JobsView } from "../../features/deadletters/JobsView.tsx";

/** All replays. */
export function JobsPage() {
  return (
    <Gate>
      <JobsView />
    </Gate>
  );
}
