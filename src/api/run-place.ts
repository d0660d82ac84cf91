import type { RunDelivery } from "../gen/stepwell/v1/runs.js";
import { type Target, trackingUri } from "../model/target.js";
import type { BackendRuns } from "../runs/backend-runs.js";

/** Where a run is to be seen. */
export type RunPlace = Pick<RunDelivery, "mlflowRunId" | "mlflowExperimentId" | "experimentTrackerUrl">;

/** A run's id and page at one of its backends; a server's are known once it has given them. */
export async function placeOf(
  backendRuns: BackendRuns,
  runId: string,
  { backend, trackerId }: Target,
): Promise<RunPlace> {
  const experimentTrackerUrl = trackingUri(backend);
  const isFile = backend.kind === "sqlite";
  // A file takes our id for its own; whichever tracker names it, what is known of it is one.
  const found = await backendRuns.find(runId, isFile ? backend.databasePath : trackerId);
  return found?.kind === "known"
    ? {
        mlflowRunId: found.mlflowRunId,
        mlflowExperimentId: found.experimentId,
        experimentTrackerUrl: found.url,
      }
    : { mlflowRunId: isFile ? runId : "", mlflowExperimentId: "", experimentTrackerUrl };
}
