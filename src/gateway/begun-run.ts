import type { Run } from "../runs/run.js";
import type { JsonObject } from "./requests/body.js";

/** A run that only the daemon knows, in MLflow's JSON. */
export function begunRun({ runId, start }: Run, experimentId: string): JsonObject {
  const root = `mlflow-artifacts:/${experimentId}/${runId}/artifacts`;
  const info = {
    ...{ run_id: runId, run_uuid: runId, run_name: start?.runName, experiment_id: experimentId },
    ...{ user_id: start?.user, status: "RUNNING", start_time: start?.startTimeMs },
    ...{ artifact_uri: root, lifecycle_stage: "active" },
  };
  const tags = start?.runName ? [{ key: "mlflow.runName", value: start.runName }] : [];
  return { info, data: { tags }, inputs: {}, outputs: {} };
}
