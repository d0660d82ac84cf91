import type { RunDelivery } from "../gen/stepwell/v1/runs.js";
import { factsOf, type Target } from "../model/target.js";
import type { BackendRuns } from "../runs/backend-runs.js";

/** Where a run is to be seen. */
export type RunPlace = Pick<RunDelivery, "mlflowRunId" | "mlflowExperimentId" | "experimentTrackerUrl">;

/** A run's id and page at one of its backends; a server's are known once it has given them. */
export async function placeOf(
  backendRuns: BackendRuns,
  runId: string,
  { backend }: Target,
): Promise<RunPlace> {
  const { runsKey, keepsOurIds, trackingUri: experimentTrackerUrl } = factsOf(backend);
  const found = await backendRuns.find(runId, runsKey);
  return found?.kind === "known"
    ? {
        mlflowRunId: found.mlflowRunId,
        mlflowExperimentId: found.experimentId,
        experimentTrackerUrl: found.url,
      }
    : { mlflowRunId: keepsOurIds ? runId : "", mlflowExperimentId: "", experimentTrackerUrl };
}
