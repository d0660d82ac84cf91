/** `runs/create`: what it says of the run, taken as MLflow's server takes it. */
import type { Tag } from "../../gen/stepwell/v1/ingest.js";
import type { JsonObject } from "./body.js";
import { integerField, objectsField, textField } from "./fields.js";
import { readTag } from "./log-requests.js";
import { RequestFault } from "./request-fault.js";

/** A run that is to begin. */
export interface RunRequest {
  readonly experimentId: string;
  /** Empty: it gets one. */
  readonly runName: string;
  readonly user: string;
  /** 0: now. */
  readonly startTimeMs: bigint;
  readonly tags: Tag[];
}

const NAME_TAG = "mlflow.runName";

/** Throws where MLflow does not take it. */
export function readCreateRun(body: JsonObject): RunRequest {
  const tags = objectsField(body, "tags").map((tag, index) => readTag(tag, `tags[${index}].`));
  const experimentId = textField(body, "experiment_id");
  // The server begins none either: its database refuses it.
  if (experimentId === "")
    throw new RequestFault("BAD_REQUEST", "A run is of an experiment: experiment_id is missing.");
  return {
    experimentId,
    runName: textField(body, "run_name") || (tags.find(({ key }) => key === NAME_TAG)?.value ?? ""),
    user: textField(body, "user_id"),
    startTimeMs: integerField(body, "start_time") ?? 0n,
    tags,
  };
}
