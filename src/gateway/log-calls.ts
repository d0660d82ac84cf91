/**
 * Calls that are journaled: they are on disk, in their run's order, when they are answered. Most are entries; what has
 * no entry is journaled as the call that it is, for the tracker that it was made to, and carried out in its turn.
 */
import { RunStatus } from "../gen/stepwell/v1/types.js";
import { GATEWAY_CALL_BYTES_MAX } from "../model/limits.js";
import type { ApiCall } from "../model/pack.js";
import { factsOf } from "../model/target.js";
import { type GatewayAnswer, jsonAnswer } from "./call.js";
import type { FlushedCalls } from "./flushed-calls.js";
import type { GatewayRuns } from "./gateway-runs.js";
import type { JsonObject } from "./requests/body.js";
import { integerField, requiredText, textField } from "./requests/fields.js";
import { checkInputs, checkModelTexts } from "./requests/journaled-calls.js";
import {
  type LogRequest,
  readLogBatch,
  readLogMetric,
  readLogParam,
  readSetTag,
  runIdOf,
} from "./requests/log-requests.js";
import { RequestFault } from "./requests/request-fault.js";
import { statusOf } from "./requests/run-status.js";
import { jsonBody, type Routed } from "./routed.js";
import type { SeenModels } from "./seen-models.js";

const LOGS: Readonly<Record<string, (body: JsonObject) => LogRequest>> = {
  "/api/2.0/mlflow/runs/log-metric": readLogMetric,
  "/api/2.0/mlflow/runs/log-parameter": readLogParam,
  "/api/2.0/mlflow/runs/set-tag": readSetTag,
  "/api/2.0/mlflow/runs/log-batch": readLogBatch,
};

export class LogCalls {
  readonly #runs: GatewayRuns;
  readonly #models: SeenModels;
  readonly #flushed: FlushedCalls;

  constructor(runs: GatewayRuns, models: SeenModels, flushed: FlushedCalls) {
    this.#runs = runs;
    this.#models = models;
    this.#flushed = flushed;
  }

  /** Journals a request. Throws a RequestFault. */
  async answer(call: Routed): Promise<GatewayAnswer> {
    const { path } = call.match.route;
    const body = await jsonBody(call);
    const log = LOGS[path];
    if (log) return await this.#log(call, log(body));
    if (path.endsWith("/delete-tag")) return await this.#deleteTag(call, body);
    if (path.endsWith("/update")) return await this.#update(call, body);
    if (path.endsWith("/log-inputs")) return await this.#logInputs(call, body);
    return await this.#describeModel(call, body);
  }

  async #log({ target, api }: Routed, { runId, ...entries }: LogRequest): Promise<GatewayAnswer> {
    await this.#runs.log(target, api, runId, { ...entries, tags: await this.#runs.ownParents(entries.tags) });
    return jsonAnswer({});
  }

  async #deleteTag(call: Routed, body: JsonObject): Promise<GatewayAnswer> {
    const runId = runIdOf(body);
    const key = requiredText(body, "key");
    await this.#checkHasTag(call, runId, key);
    await this.#runs.log(call.target, call.api, runId, { removedTags: [key] });
    return jsonAnswer({});
  }

  async #update({ target, api }: Routed, body: JsonObject): Promise<GatewayAnswer> {
    const runId = runIdOf(body);
    const status = statusOf(body);
    const name = textField(body, "run_name");
    const endTimeMs = integerField(body, "end_time") ?? 0n;
    await this.#runs.log(target, api, runId, {
      ...(status === undefined ? {} : { runEnd: { status, endTimeMs: endOf(status, endTimeMs) } }),
      ...(name === "" ? {} : { tags: [{ key: "mlflow.runName", value: name }] }),
    });
    const run = await this.#runs.get(target, api, runId);
    return jsonAnswer({ run_info: run["info"] });
  }

  async #logInputs(call: Routed, body: JsonObject): Promise<GatewayAnswer> {
    const runId = checkInputs(body);
    const { run_id: _, run_uuid: __, ...rest } = body;
    const asked = { method: "POST", path: "runs/log-inputs", body: JSON.stringify(rest), namesRun: true };
    return await this.#journalCall(call, runId, asked, JSON.stringify(body));
  }

  async #describeModel(call: Routed, body: JsonObject): Promise<GatewayAnswer> {
    const { match, target, api } = call;
    const modelId = match.values["model"] ?? "";
    checkModelTexts(body, match.route.path.endsWith("/params") ? "params" : "tags");
    const runId = await this.#models.runOf(target, api, modelId);
    const text = JSON.stringify(body);
    // Of a model that no run made nothing waits.
    if (runId === undefined) return await this.#flushed.pass(call, text);
    const path = match.route.path
      .replace("/api/2.0/mlflow/", "")
      .replace(":model", encodeURIComponent(modelId));
    const asked = { method: call.method, path, body: text, namesRun: false };
    const answer = await this.#journalCall(call, runId, asked, text);
    if (answer.status === 200) this.#models.describe(target, modelId, body);
    return answer;
  }

  /** A local store has no calls to wait for, and what is large would fill the journal. */
  async #journalCall(call: Routed, runId: string, asked: ApiCall, text: string): Promise<GatewayAnswer> {
    const { target, api } = call;
    const isLocal = factsOf(target.backend).file !== undefined;
    if (isLocal || text.length > GATEWAY_CALL_BYTES_MAX) return await this.#flushed.pass(call, text);
    await this.#runs.log(target, api, runId, { calls: [asked], onlyTrackerId: target.trackerId });
    return jsonAnswer({});
  }

  /** MLflow refuses the removal of a tag that is not there. */
  async #checkHasTag({ target, api }: Routed, runId: string, key: string): Promise<void> {
    const run = await this.#runs.get(target, api, runId);
    const { tags } = (run["data"] ?? {}) as { tags?: readonly JsonObject[] };
    if (tags?.some((tag) => tag["key"] === key)) return;
    throw new RequestFault("RESOURCE_DOES_NOT_EXIST", `No tag with name: ${key} in run with id ${runId}`);
  }
}

function endOf(status: RunStatus, endTimeMs: bigint): bigint {
  return status === RunStatus.RUN_STATUS_RUNNING ? 0n : endTimeMs;
}
