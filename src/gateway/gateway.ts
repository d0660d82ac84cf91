/**
 * What the gateway does with a request, by its route's class (routes.ts): journals it, answers with what the run's lane
 * still holds, flushes lanes first, answers without the tracker, or passes it on.
 */
import { Readable } from "node:stream";
import { StepwellError, toStepwellError } from "../errors/stepwell-error.js";
import { RunStatus } from "../gen/stepwell/v1/types.js";
import type { Clock } from "../model/clock.js";
import { GATEWAY_BODY_BYTES_MAX } from "../model/limits.js";
import { type Backend, backendKey, factsOf } from "../model/target.js";
import { type Artifacts, noParts } from "./artifacts/artifacts.js";
import { type GatewayAnswer, type GatewayCall, jsonAnswer } from "./call.js";
import { answerExperiment } from "./experiment-answers.js";
import type { SeenExperiments } from "./experiments.js";
import { type GatewayRuns, statusOf } from "./gateway-runs.js";
import { type JsonObject, readBody } from "./requests/body.js";
import { integerField, objectsField, requiredText, textField } from "./requests/fields.js";
import {
  type LogRequest,
  readLogBatch,
  readLogMetric,
  readLogParam,
  readSetTag,
  readTag,
  runIdOf,
} from "./requests/log-requests.js";
import { RequestFault } from "./requests/request-fault.js";
import { type Match, matchRoute } from "./routes.js";
import type { TrackerApi } from "./tracker-api.js";
import { readText } from "./read-text.js";

export interface GatewayOptions {
  readonly runs: GatewayRuns;
  readonly experiments: SeenExperiments;
  readonly artifacts: Artifacts;
  readonly clock: Clock;
  /** Opens a tracker's API; it connects when it is first used. */
  readonly openApi: (backend: Backend) => TrackerApi;
}

const LOGS: Readonly<Record<string, (body: JsonObject) => LogRequest>> = {
  "/api/2.0/mlflow/runs/log-metric": readLogMetric,
  "/api/2.0/mlflow/runs/log-parameter": readLogParam,
  "/api/2.0/mlflow/runs/set-tag": readSetTag,
  "/api/2.0/mlflow/runs/log-batch": readLogBatch,
};
const MODELS = "/api/2.0/mlflow/logged-models";
const PARENT_TAG = "mlflow.parentRunId";
const START_TAGS = ["mlflow.user", "mlflow.source.type"];

/** A call with its route, and its tracker's API. */
interface Routed extends GatewayCall {
  readonly match: Match;
  readonly api: TrackerApi;
}

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #apis = new Map<string, TrackerApi>();

  constructor(options: GatewayOptions) {
    this.#options = options;
  }

  /** Answers a request. Never rejects: what stands in the way is answered as MLflow's server says such things. */
  async answer(call: GatewayCall): Promise<GatewayAnswer> {
    try {
      const match = matchRoute(call.method, call.path);
      return await this.#answerTo({ ...call, match, api: this.apiOf(call.target.backend) });
    } catch (error) {
      const fault = faultOf(error);
      return { kind: "text", status: fault.status, body: fault.toJson() };
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#apis.values()].map((api) => api.close()));
  }

  async #answerTo(call: Routed): Promise<GatewayAnswer> {
    switch (call.match.route.class) {
      case "buffered":
        return await this.#journal(call);
      case "overlaid":
        return await this.#showRun(call);
      case "behind-flush":
        return await this.#passBehindFlush(call);
      case "known-offline":
        return await this.#answerKnown(call);
      case "artifact":
        return await this.#answerArtifact(call);
      case "in-parts":
        throw noParts();
      case "refused":
        throw new RequestFault(
          "PERMISSION_DENIED",
          "This runs work on the server's host, which a step may not do.",
        );
      case "passed":
        return await call.api.pass(call);
    }
  }

  async #journal(call: Routed): Promise<GatewayAnswer> {
    const { target, api } = call;
    const { path } = call.match.route;
    const body = readBody(await bodyText(call));
    const { runs } = this.#options;
    const log = LOGS[path];
    if (log) {
      const { runId, namesDatasets, ...entries } = log(body);
      if (namesDatasets && !api.nameDatasets) {
        await runs.flush([runId]);
        return await this.#passText(call, JSON.stringify(body), [runId]);
      }
      await runs.log(target, api, runId, { ...entries, tags: await this.#ownParents(entries.tags) });
      if (namesDatasets) {
        await runs.flush([runId]);
        await api.nameDatasets?.(runId, body);
      }
      return jsonAnswer({});
    }
    const runId = runIdOf(body);
    if (path.endsWith("/delete-tag")) {
      const key = requiredText(body, "key");
      await this.#checkHasTag(call, runId, key);
      await runs.log(target, api, runId, { removedTags: [key] });
      return jsonAnswer({});
    }
    const status = statusOf(body);
    const name = textField(body, "run_name");
    const endTimeMs = integerField(body, "end_time") ?? 0n;
    await runs.log(target, api, runId, {
      ...(status === undefined ? {} : { runEnd: { status, endTimeMs: endOf(status, endTimeMs) } }),
      ...(name === "" ? {} : { tags: [{ key: "mlflow.runName", value: name }] }),
    });
    const run = await runs.get(target, api, runId);
    return jsonAnswer({ run_info: run["info"] });
  }

  async #answerArtifact(call: Routed): Promise<GatewayAnswer> {
    // A local store's artifacts are files of this machine: nothing waits for them.
    if (factsOf(call.target.backend).file !== undefined) return await call.api.pass(call);
    const path = call.path.replace(/^\/(ajax-)?api\/2\.0\/mlflow-artifacts\/artifacts\/?/, "");
    return await this.#options.artifacts.answer(call, call.api, path);
  }

  async #showRun({ target, api, search }: Routed): Promise<GatewayAnswer> {
    const query = new URLSearchParams(search);
    const runId = query.get("run_id") || query.get("run_uuid") || "";
    if (runId === "") requiredText({}, "run_id");
    return jsonAnswer({ run: await this.#options.runs.get(target, api, runId) });
  }

  /** MLflow refuses the removal of a tag that is not there. */
  async #checkHasTag({ target, api }: Routed, runId: string, key: string): Promise<void> {
    const run = await this.#options.runs.get(target, api, runId);
    const { tags } = (run["data"] ?? {}) as { tags?: readonly JsonObject[] };
    if (tags?.some((tag) => tag["key"] === key)) return;
    throw new RequestFault("RESOURCE_DOES_NOT_EXIST", `No tag with name: ${key} in run with id ${runId}`);
  }

  async #passBehindFlush(call: Routed): Promise<GatewayAnswer> {
    const text = call.method === "GET" ? undefined : await bodyText(call);
    const runIds = await this.#concernedBy(call, text === undefined ? {} : readBody(text));
    await this.#options.runs.flush(runIds);
    return text === undefined ? await this.#passQuery(call, runIds) : await this.#passText(call, text, runIds);
  }

  /** The runs whose lanes have to be flushed before a request. */
  async #concernedBy({ target, api, match, search }: Routed, body: JsonObject): Promise<readonly string[]> {
    const { concerned } = match.route;
    const { runs } = this.#options;
    const query = new URLSearchParams(search);
    switch (concerned?.kind) {
      case "run":
        return concerned.fields.flatMap((field) => [...query.getAll(field), ...textsOf(body[field])]);
      case "model": {
        const { body: found } = await api.ask("GET", `${MODELS}/${match.values["model"]}`, {});
        const info = (found["model"] as JsonObject | undefined)?.["info"] as JsonObject | undefined;
        return textsOf(info?.["source_run_id"]).filter((runId) => runId !== "");
      }
      case "experiments":
        return await runs.runsIn(target, [...textsOf(body["experiment_ids"]), ...textsOf(body["experiment_id"])]);
      case undefined:
        return [];
    }
  }

  /** Passes a request on whose body was read, with the ids that its runs have at the tracker. */
  async #passText(call: Routed, text: string, runIds: readonly string[]): Promise<GatewayAnswer> {
    const sent = Buffer.from(await this.#withIdsThere(call, text, runIds));
    const headers = { ...call.headers, "content-length": String(sent.length) };
    delete headers["transfer-encoding"];
    return await call.api.pass({ ...call, headers, body: Readable.from([sent]) });
  }

  async #passQuery(call: Routed, runIds: readonly string[]): Promise<GatewayAnswer> {
    return await call.api.pass({ ...call, search: await this.#withIdsThere(call, call.search, runIds) });
  }

  /** Ids are 32 digits: what looks like one of these is one. */
  async #withIdsThere({ target }: Routed, text: string, runIds: readonly string[]): Promise<string> {
    let translated = text;
    for (const runId of new Set(runIds)) {
      const idThere = await this.#options.runs.idAt(target, runId);
      if (idThere !== runId && runId.length === 32) translated = translated.replaceAll(runId, idThere);
    }
    return translated;
  }

  async #answerKnown(call: Routed): Promise<GatewayAnswer> {
    const { path } = call.match.route;
    if (path.endsWith("/runs/create")) return await this.#createRun(call);
    if (path.includes("/experiments/")) return await this.#answerExperiment(call);
    return await call.api.pass(call);
  }

  async #createRun(call: Routed): Promise<GatewayAnswer> {
    const body = readBody(await bodyText(call));
    const tags = objectsField(body, "tags").map((tag, index) => readTag(tag, `tags[${index}].`));
    const { target, api } = call;
    // The run's start would set these of itself; MLflow's server sets none that its client did not send.
    const removedTags = START_TAGS.filter((key) => !tags.some((tag) => tag.key === key));
    const entries = { tags: await this.#ownParents(tags), removedTags };
    const run = await this.#options.runs.create(target, api, body, entries);
    return jsonAnswer({ run });
  }

  async #answerExperiment(call: Routed): Promise<GatewayAnswer> {
    const { method, search, match } = call;
    const isGet = method === "GET";
    const asked = isGet ? Object.fromEntries(new URLSearchParams(search)) : readBody(await bodyText(call));
    const question = { method: isGet ? "GET" : "POST", path: match.route.path, asked } as const;
    return jsonAnswer(await answerExperiment(call, question, this.#options));
  }

  /** A parent is named by our id: its server may not have made it yet. */
  async #ownParents(tags: LogRequest["tags"]): Promise<LogRequest["tags"]> {
    if (!tags.some(({ key }) => key === PARENT_TAG)) return tags;
    return await Promise.all(
      tags.map(async (tag) =>
        tag.key === PARENT_TAG
          ? { ...tag, value: (await this.#options.runs.find(tag.value))?.runId ?? tag.value }
          : tag,
      ),
    );
  }

  /** The API of a backend; it is the same each time. */
  apiOf(backend: Backend): TrackerApi {
    const { artifactRoot = "" } = factsOf(backend);
    // A stack may give a file's artifacts another place.
    const key = `${backendKey(backend)}\n${artifactRoot}`;
    let api = this.#apis.get(key);
    if (!api) {
      api = this.#options.openApi(backend);
      this.#apis.set(key, api);
    }
    return api;
  }
}

async function bodyText({ body }: GatewayCall): Promise<string> {
  return await readText(body, GATEWAY_BODY_BYTES_MAX);
}

function endOf(status: RunStatus, endTimeMs: bigint): bigint {
  return status === RunStatus.RUN_STATUS_RUNNING ? 0n : endTimeMs;
}

function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

/** What stands in a request's way, as MLflow's server says it. */
function faultOf(error: unknown): RequestFault {
  if (error instanceof RequestFault) return error;
  const fault = toStepwellError(error);
  const message = `${fault.message} ${fault.row.remedy} (${fault.code})`;
  if (!(error instanceof StepwellError)) return new RequestFault("INTERNAL_ERROR", message);
  switch (fault.row.grpc) {
    case "INVALID_ARGUMENT":
    case "FAILED_PRECONDITION":
    case "ALREADY_EXISTS":
      return new RequestFault("INVALID_PARAMETER_VALUE", message);
    case "NOT_FOUND":
      return new RequestFault("RESOURCE_DOES_NOT_EXIST", message);
    case "UNAVAILABLE":
    case "RESOURCE_EXHAUSTED":
      return new RequestFault("TEMPORARILY_UNAVAILABLE", message);
    default:
      return new RequestFault("INTERNAL_ERROR", message);
  }
}
