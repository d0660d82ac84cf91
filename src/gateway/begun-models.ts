/**
 * Logged models that programs make, each once. The tracker makes them while it answers, and its answer goes to the
 * program. Where it can't be asked, or did not answer, the daemon begins the model under an id of its own, in the journal
 * of the run that it is of: that run's lane makes it, or finds what was made of the request that had no answer, by the tag
 * that it went with (docs/decisions/0013).
 */
import { isOlderMlflow, MLFLOW_VERSION_MODELS } from "../mlflow/mlflow-version.js";
import { type BegunModel, callOf, MODEL_ID_TAG } from "../model/begun-model.js";
import type { Clock } from "../model/clock.js";
import { MESSAGE_BYTES_MAX } from "../model/limits.js";
import { newModelId } from "../model/model-id.js";
import type { ApiCall, KeyValue } from "../model/pack.js";
import { type BackendModel, factsOf } from "../model/target.js";
import type { BackendModels } from "../runs/backend-models.js";
import type { Run } from "../runs/run.js";
import { type GatewayAnswer, jsonAnswer } from "./call.js";
import type { SeenExperiments } from "./experiments.js";
import { type GatewayRuns, isAt } from "./gateway-runs.js";
import type { KnownAnswers } from "./known-answers.js";
import { type JsonObject, readBody } from "./requests/body.js";
import { requestOf } from "./requests/journaled-calls.js";
import { modelNameOf, readModelCreation } from "./requests/model-creation.js";
import { RequestFault } from "./requests/request-fault.js";
import type { Routed } from "./routed.js";
import type { SeenModels } from "./seen-models.js";
import { ApiDown } from "./tracker-api.js";
import type { Place } from "./workspace.js";

export interface BegunModelsParts {
  readonly runs: Pick<GatewayRuns, "find" | "log">;
  readonly models: SeenModels;
  readonly backendModels: BackendModels;
  readonly experiments: SeenExperiments;
  readonly answers: Pick<KnownAnswers, "version">;
  readonly clock: Clock;
}

/** Passes a request on, behind what was logged before. */
type Pass = (call: Routed, text: string) => Promise<GatewayAnswer>;

/** What is begun, for whom. */
interface Beginning {
  readonly call: Routed;
  readonly body: JsonObject;
  readonly run: Run;
  readonly modelId: string;
}

export class BegunModels {
  readonly #parts: BegunModelsParts;

  constructor(parts: BegunModelsParts) {
    this.#parts = parts;
  }

  /** Makes a model. Throws a RequestFault: without a run that the daemon knows nothing can be begun. */
  async create(call: Routed, text: string, pass: Pass): Promise<GatewayAnswer> {
    const body = readBody(text);
    const run = await this.#runOf(call.target, body);
    if (!run) return await pass(call, text);
    const beginning = { call, body, run, modelId: newModelId() };
    let isKept = false;
    try {
      const answer = await this.#ask(beginning, pass);
      if (!(answer instanceof ApiDown)) return answer;
      const begun = await this.#begin(beginning, answer);
      isKept = true;
      return begun;
    } finally {
      // Nobody has its id.
      if (!isKept) await this.#parts.backendModels.forget(beginning.modelId, keyAt(call.target));
    }
  }

  /** Deletes a model of a run in the run's order. Throws `why` where the daemon does not know it. */
  async remove({ target, api, match }: Routed, why: unknown): Promise<GatewayAnswer> {
    const { models, runs } = this.#parts;
    const modelId = match.values["model"] ?? "";
    const seen = await models.find(target, modelId);
    if (seen?.runId === undefined) throw why;
    const path = `logged-models/${encodeURIComponent(modelId)}`;
    const asked: ApiCall = { method: "DELETE", path, body: "", namesRun: false };
    await runs.log(target, api, seen.runId, { calls: [asked], onlyTrackerId: target.trackerId });
    await models.remove(target, modelId);
    return jsonAnswer({});
  }

  /** The run that a model is to be of, where its lane can carry the model. */
  async #runOf(target: Place, { source_run_id: runId }: JsonObject): Promise<Run | undefined> {
    // A store's models are made at once, or not at all.
    if (typeof runId !== "string" || runId === "" || !factsOf(target.backend).isServer) return undefined;
    const run = await this.#parts.runs.find(runId);
    return run?.start && !run.isOpen && isAt(run, target) ? run : undefined;
  }

  /** The tracker's answer, or why there is none: then it may have made the model, unless the request reached nobody. */
  async #ask(beginning: Beginning, pass: Pass): Promise<GatewayAnswer | ApiDown> {
    const { call, body, run, modelId } = beginning;
    const { experiments, backendModels, clock } = this.#parts;
    const { target, api } = call;
    const { experiment_id: id, tags = [] } = body;
    // What the server refuses it refuses as it came.
    if (typeof id !== "string" || !Array.isArray(tags)) return await pass(call, JSON.stringify(body));
    const ours = { key: MODEL_ID_TAG, value: modelId };
    const of = { runId: run.runId, begunMs: clock.nowMs() };
    const begun: BackendModel = { ...of, kind: "begun" };
    let known: BackendModel = begun;
    try {
      const experimentId = await experiments.idAt(target, api, id);
      known = { ...of, kind: "asked", experimentId };
      await backendModels.keep(modelId, keyAt(target), known);
      return await pass(call, JSON.stringify({ ...body, tags: [...(tags as unknown[]), ours] }));
    } catch (error) {
      if (!(error instanceof ApiDown)) throw error;
      await backendModels.keep(modelId, keyAt(target), error.isUnsent ? begun : known);
      return error;
    }
  }

  async #begin(beginning: Beginning, why: ApiDown): Promise<GatewayAnswer> {
    const { call, body, run, modelId } = beginning;
    const { runs, models, experiments, clock } = this.#parts;
    const { target, api } = call;
    const asked = readModelCreation(requestOf(body));
    const {
      experiment_id: experimentId = "",
      source_run_id: sourceRunId,
      model_type: modelType = "",
    } = asked;
    const params = textsOf(asked.params, "param");
    const tags = textsOf(asked.tags, "tag").filter(({ key }) => key !== MODEL_ID_TAG);
    const experimentName = await experiments.nameOf(target, api, experimentId);
    const place = await this.#placeOf(target, experimentId, modelId);
    const model: BegunModel = {
      ...{ modelId, experimentName, modelType, params, tags },
      name: asked.name || modelNameOf(modelId),
    };
    const journaled = callOf(model);
    if (place === undefined || Buffer.byteLength(journaled.body) > MESSAGE_BYTES_MAX) throw why;
    await runs.log(target, api, run.runId, { calls: [journaled], onlyTrackerId: target.trackerId });
    const nowMs = clock.nowMs();
    const info = {
      ...{ model_id: modelId, experiment_id: experimentId, name: model.name },
      ...{ creation_timestamp_ms: nowMs, last_updated_timestamp_ms: nowMs, artifact_uri: place },
      ...{ status: "LOGGED_MODEL_PENDING", model_type: modelType, source_run_id: sourceRunId, tags },
    };
    const shown = { info, data: { params } };
    await models.begin(target, modelId, run.runId, shown);
    return jsonAnswer({ model: shown });
  }

  /** Where a model's artifacts are, as far as the gateway serves them; undefined where it does not, or there are no models. */
  async #placeOf(target: Place, experimentId: string, modelId: string): Promise<string | undefined> {
    const { experiments, answers } = this.#parts;
    const version = await answers.version(target);
    if (version !== undefined && isOlderMlflow(version, MLFLOW_VERSION_MODELS) === true) return undefined;
    const seen = await experiments.byId(target, experimentId);
    const { artifact_location: seenRoot } = seen ?? {};
    const root = typeof seenRoot === "string" ? seenRoot : `mlflow-artifacts:/${experimentId}`;
    if (!root.startsWith("mlflow-artifacts:")) return undefined;
    return `${root.replace(/\/+$/, "")}/${factsOf(target.backend).modelsFolder}/${modelId}/artifacts`;
  }
}

/** Keys are unique, as in the server's database. */
function textsOf(
  said: readonly { readonly key: string | undefined; readonly value: string | undefined }[] | undefined,
  what: string,
): KeyValue[] {
  const texts = (said ?? []).map(({ key = "", value = "" }) => ({ key, value }));
  if (new Set(texts.map(({ key }) => key)).size === texts.length) return texts;
  throw new RequestFault("BAD_REQUEST", `A ${what} of a logged model stands twice in the request.`);
}

function keyAt({ backend }: Place): string {
  return factsOf(backend).runsKey;
}
