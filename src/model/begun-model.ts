/** A logged model that the daemon began while its server was away, as its run's journal has it: a call that no server knows. */
import type { ApiCall, KeyValue } from "./pack.js";

/** The tag that holds our id of a model. */
export const MODEL_ID_TAG = "stepwell.model_id";

export interface BegunModel {
  /** Ours. */
  readonly modelId: string;
  readonly experimentName: string;
  readonly name: string;
  readonly modelType: string;
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
}

/** Where MLflow's own API makes one. */
const PATH = "logged-models";

export function callOf(model: BegunModel): ApiCall {
  return { method: "POST", path: PATH, body: JSON.stringify(model), namesRun: false };
}

/** The model that a call begins; undefined where it does something else. */
export function begunBy({ method, path, body }: ApiCall): BegunModel | undefined {
  return method === "POST" && path === PATH ? (JSON.parse(body) as BegunModel) : undefined;
}
