import { Gate } from "../../features/deadletters/Gate.tsx";
import { JobView } from "../../features/deadletters/JobView.tsx";

/** A replay. */
export function JobPage({ job }: { job: string }) {
  return (
    <Gate>
      <JobView job={job} />
    </Gate>
  );
}
