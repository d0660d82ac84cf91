import type { RunDelivery } from "../gen/stepwell/v1/runs.js";
import { type Target, trackingUri } from "../model/target.js";
import type { BackendRuns } from "../state/backend-runs.js";

/** Where a run is to be seen. */
export type RunPlace = Pick<RunDelivery, "mlflowRunId" | "mlflowExperimentId" | "experimentTrackerUrl">;

/** A run's id and page at one of its backends; a server's are known once it has given them. */
export async function placeOf(
  backendRuns: BackendRuns,
  runId: string,
  { backend, trackerId }: Target,
): Promise<RunPlace> {
  const experimentTrackerUrl = trackingUri(backend);
  if (backend.kind === "sqlite") return { mlflowRunId: runId, mlflowExperimentId: "", experimentTrackerUrl };
  const found = await backendRuns.find(runId, trackerId);
  return found?.kind === "known"
    ? {
        mlflowRunId: found.mlflowRunId,
        mlflowExperimentId: found.experimentId,
        experimentTrackerUrl: found.url,
      }
    : { mlflowRunId: "", mlflowExperimentId: "", experimentTrackerUrl };
}
