/**
 * Calls that are journaled: they are on disk, in their run's order, when they are answered. Most are entries; what has
 * no entry is journaled as the call that it is, for the tracker that it was made to, and carried out in its turn.
 */
import type { RunStatus } from "../gen/stepwell/v1/types.js";
import { MESSAGE_BYTES_MAX } from "../model/limits.js";
import type { ApiCall } from "../model/pack.js";
import { factsOf } from "../model/target.js";
import { type GatewayAnswer, jsonAnswer } from "./call.js";
import type { FlushedCalls } from "./flushed-calls.js";
import type { GatewayRuns } from "./gateway-runs.js";
import { type JournalCall, type ModelCallParts, ModelCalls } from "./model-calls.js";
import type { JsonObject } from "./requests/body.js";
import { integerField, requiredText, textField } from "./requests/fields.js";
import { checkInputs, checkOutputs, partsOfLinks } from "./requests/journaled-calls.js";
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
import type { TrackerApi } from "./tracker-api.js";
import type { Place } from "./workspace.js";

const LOGS: Readonly<Record<string, (body: JsonObject) => LogRequest>> = {
  "/api/2.0/mlflow/runs/log-metric": readLogMetric,
  "/api/2.0/mlflow/runs/log-parameter": readLogParam,
  "/api/2.0/mlflow/runs/set-tag": readSetTag,
  "/api/2.0/mlflow/runs/log-batch": readLogBatch,
};

export interface LogCallParts extends ModelCallParts {
  readonly runs: GatewayRuns;
}

export class LogCalls {
  readonly #runs: GatewayRuns;
  readonly #flushed: FlushedCalls;
  readonly #models: ModelCalls;

  constructor(parts: LogCallParts) {
    this.#runs = parts.runs;
    this.#flushed = parts.flushed;
    const journal: JournalCall = (call, runId, asked) => this.#journalCalls(call, runId, [asked]);
    this.#models = new ModelCalls(parts, journal);
  }

  /** Journals a request. Throws a RequestFault. */
  async answer(call: Routed): Promise<GatewayAnswer> {
    const { path } = call.match.route;
    if (path.includes("/logged-models/")) return await this.#models.answer(call);
    const body = await jsonBody(call);
    const log = LOGS[path];
    if (log) return await this.#log(call, log(body));
    if (path.endsWith("/delete-tag")) return await this.#deleteTag(call, body);
    if (path.endsWith("/update")) return await this.#update(call, body);
    return await this.#link(call, path.endsWith("/log-inputs") ? "log-inputs" : "outputs", body);
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
    const endTimeMs = integerField(body, "end_time") ?? 0n;
    const name = textField(body, "run_name");
    const status = statusOf(body) ?? (endTimeMs > 0n ? await this.#statusOf(target, api, runId) : undefined);
    await this.#runs.log(target, api, runId, {
      ...(status === undefined ? {} : { runEnd: { status, endTimeMs } }),
      ...(name === "" ? {} : { tags: [{ key: "mlflow.runName", value: name }] }),
    });
    const run = await this.#runs.get(target, api, runId);
    return jsonAnswer({ run_info: run["info"] });
  }

  /** The status that a run has: its end's time alone is said. */
  async #statusOf(target: Place, api: TrackerApi, runId: string): Promise<RunStatus | undefined> {
    const run = await this.#runs.get(target, api, runId);
    return statusOf((run["info"] ?? {}) as JsonObject);
  }

  /** Inputs or outputs of a run: data sets and models. */
  async #link(call: Routed, name: "log-inputs" | "outputs", body: JsonObject): Promise<GatewayAnswer> {
    const runId = name === "outputs" ? checkOutputs(body) : checkInputs(body);
    const { run_id: _, run_uuid: __, ...said } = body;
    const asked = partsOfLinks(said, MESSAGE_BYTES_MAX).map((part) => ({
      ...{ method: "POST", path: `runs/${name}`, body: JSON.stringify(part), namesRun: true },
    }));
    if (await this.#journalCalls(call, runId, asked)) return jsonAnswer({});
    return await this.#flushed.pass(call, JSON.stringify(body));
  }

  /** Journals all or none; answers whether it did. A store has no calls to wait for; what is large fills the journal. */
  async #journalCalls({ target, api }: Routed, runId: string, calls: ApiCall[]): Promise<boolean> {
    const { isServer } = factsOf(target.backend);
    const isLarge = calls.some(({ body }) => Buffer.byteLength(body) > MESSAGE_BYTES_MAX);
    if (!isServer || isLarge) return false;
    await this.#runs.log(target, api, runId, { calls, onlyTrackerId: target.trackerId });
    return true;
  }

  /** MLflow refuses the removal of a tag that is not there. */
  async #checkHasTag({ target, api }: Routed, runId: string, key: string): Promise<void> {
    const run = await this.#runs.get(target, api, runId);
    await this.#runs.checkActive(target, api, runId);
    const { tags } = (run["data"] ?? {}) as { tags?: readonly JsonObject[] };
    if (tags?.some((tag) => tag["key"] === key)) return;
    throw new RequestFault("RESOURCE_DOES_NOT_EXIST", `No tag with name: ${key} in run with id ${runId}`);
  }
}
