/** Calls that the tracker alone can answer, once it has what was logged before: with the ids that it knows runs by. */
import type { Readable } from "node:stream";
import { GATEWAY_BODY_BYTES_MAX } from "../model/limits.js";
import { factsOf, type Target } from "../model/target.js";
import type { BegunModels } from "./begun-models.js";
import { type GatewayAnswer, jsonAnswer } from "./call.js";
import type { GatewayRuns } from "./gateway-runs.js";
import type { IdsThere } from "./ids-there.js";
import type { KnownRuns } from "./known-runs.js";
import { withBody } from "./passed-calls.js";
import { readText } from "./read-text.js";
import { type JsonObject, readBody } from "./requests/body.js";
import { textsOf } from "./requests/fields.js";
import { isAway, noModel, RequestFault } from "./requests/request-fault.js";
import { bodyText, type Routed } from "./routed.js";
import type { Match } from "./routes.js";
import type { RunHistory } from "./run-history.js";
import type { SeenModel, SeenModels } from "./seen-models.js";
import { ApiDown } from "./tracker-api.js";
import type { Place } from "./workspace.js";

const MODELS = "/api/2.0/mlflow/logged-models";
const MODEL = `${MODELS}/:model`;
const SEARCH = `${MODELS}/search`;
/** Of runs and of experiments. */
const SEARCHES = /\/(?:runs|experiments)\/search$/;

export interface FlushedCallParts {
  readonly runs: GatewayRuns;
  readonly models: SeenModels;
  readonly begun: Pick<BegunModels, "create" | "remove">;
  readonly ids: IdsThere;
  readonly history: RunHistory;
  readonly known: Pick<KnownRuns, "answer">;
}

export class FlushedCalls {
  readonly #runs: GatewayRuns;
  readonly #models: SeenModels;
  readonly #begun: Pick<BegunModels, "create" | "remove">;
  readonly #ids: IdsThere;
  readonly #history: RunHistory;
  readonly #known: Pick<KnownRuns, "answer">;

  constructor({ runs, models, begun, ids, history, known }: FlushedCallParts) {
    this.#runs = runs;
    this.#models = models;
    this.#begun = begun;
    this.#ids = ids;
    this.#history = history;
    this.#known = known;
  }

  /** Flushes the lanes that a request concerns, and passes it on. Throws a RequestFault. */
  async answer(call: Routed): Promise<GatewayAnswer> {
    const text = call.method === "GET" ? undefined : await bodyText(call);
    const { method } = call;
    const { path } = call.match.route;
    try {
      if (method === "POST" && path === MODELS)
        return await this.#begun.create(call, text ?? "", (its, said) => this.pass(its, said));
      return await this.pass(call, text);
    } catch (error) {
      if (!isAway(error)) throw error;
      if (method === "DELETE" && path === MODEL) return await this.#begun.remove(call, error);
      // A local tracker's file is all that there is.
      const isLocal = factsOf(call.target.backend).file !== undefined;
      if (!isLocal && SEARCHES.test(path)) return await this.#known.answer(call, text ?? "", error);
      const known = await this.#knownFor(call, text);
      if (!known) throw error;
      return jsonAnswer(known);
    }
  }

  /** What a program may see of models, or of a metric's history, without their tracker. */
  async #knownFor({ method, match, target, search }: Routed, text = ""): Promise<JsonObject | undefined> {
    const { path } = match.route;
    if (path === SEARCH) return await this.#modelsNamed(target, readBody(text));
    const query = new URLSearchParams(search);
    if (method === "GET" && path === MODEL) return await this.#modelKnown(target, modelOf(match), query);
    if (!path.endsWith("/get-history")) return undefined;
    const run = await this.#runs.find(query.get("run_id") || query.get("run_uuid") || "");
    const key = query.get("metric_key");
    const metrics = run && key ? await this.#history.of(run, target, key) : undefined;
    return metrics && { metrics };
  }

  /** A model as it was seen last, with what its run logged of it. */
  async #modelKnown(target: Place, modelId: string, query: URLSearchParams): Promise<JsonObject | undefined> {
    const seen = await this.#models.find(target, modelId);
    if (!seen) return undefined;
    if (seen.isDeleted && query.get("allow_deleted") !== "true") throw noModel(modelId);
    const run = seen.runId === undefined ? undefined : await this.#runs.find(seen.runId);
    const { shown } = seen;
    return { model: run ? await this.#history.over(shown, run, target) : shown };
  }

  /** MLflow's client looks for a model of that name wherever it lists or reads a run's artifacts. */
  async #modelsNamed(target: Target, { filter, experiment_ids: ids }: JsonObject) {
    const [, name] = /^name = '([^']*)'$/.exec(typeof filter === "string" ? filter : "") ?? [];
    if (name === undefined) return undefined;
    const models = await this.#models.named(target, textsOf(ids), name);
    return models.length === 0 ? {} : { models };
  }

  /** The same for one whose body was read. */
  async pass(call: Routed, text: string | undefined): Promise<GatewayAnswer> {
    const body = text === undefined ? {} : readBody(text);
    const runIds = await this.#concernedBy(call, body);
    await this.#runs.flush(call.api, runIds);
    const before = await this.#models.find(call.target, modelOf(call.match));
    const answer =
      text === undefined
        ? await call.api.pass({ ...call, ...(await this.#ids.inAddress(call)) })
        : await this.#passText(call, text);
    if (answer.status === 200) await this.#noteStages(call, runIds);
    if (answer.status === 200 && call.method === "DELETE")
      await this.#models.remove(call.target, modelOf(call.match));
    return showsModel(call) ? await this.#remember(call, body, answer, before) : answer;
  }

  /** What a call made of its runs. */
  async #noteStages({ target, match }: Routed, runIds: readonly string[]): Promise<void> {
    const { path } = match.route;
    const { stages } = this.#runs;
    if (path.endsWith("/experiments/delete")) stages.doubt(target);
    const stage = path.endsWith("/runs/delete")
      ? "deleted"
      : path.endsWith("/runs/restore")
        ? "active"
        : undefined;
    if (stage === undefined) return;
    for (const runId of runIds) stages.set(target, (await this.#runs.find(runId))?.runId ?? runId, stage);
  }

  /** The runs whose lanes have to be flushed before a request. */
  async #concernedBy({ target, api, match, search }: Routed, body: JsonObject): Promise<readonly string[]> {
    const { concerned } = match.route;
    const query = new URLSearchParams(search);
    switch (concerned?.kind) {
      case "run":
        return concerned.fields.flatMap((field) => [...query.getAll(field), ...textsOf(body[field])]);
      case "model": {
        const runId = (await this.#models.look(target, api, modelOf(match)))?.runId;
        return runId === undefined ? [] : [runId];
      }
      case "experiments":
        return await this.#runs.runsIn(target, [
          ...textsOf(body["experiment_ids"]),
          ...textsOf(body["experiment_id"]),
        ]);
      case undefined:
        return [];
    }
  }

  /** Passes a request on whose body was read, with the ids that its runs have at the tracker. */
  async #passText(call: Routed, text: string): Promise<GatewayAnswer> {
    const { target, api, headers } = call;
    const there = withBody(headers, await this.#ids.in(target, api, text));
    return await api.pass({ ...call, ...there, ...(await this.#ids.inAddress(call)) });
  }

  /** The answer shows a model: what is logged of it later goes behind what its run logged. */
  async #remember(
    { target }: Routed,
    body: JsonObject,
    answer: GatewayAnswer,
    before: SeenModel | undefined,
  ): Promise<GatewayAnswer> {
    if (answer.status !== 200) return answer;
    const text = answer.kind === "text" ? answer.body : await readWhole(answer.body);
    await this.#models.saw(target, readBody(text), before, body["source_run_id"]);
    return { kind: "text", status: 200, body: text };
  }
}

/** Rejects with ApiDown where an answer breaks off. */
async function readWhole(body: Readable): Promise<string> {
  return await readText(body, GATEWAY_BODY_BYTES_MAX).catch((error: unknown) => {
    throw error instanceof RequestFault
      ? error
      : new ApiDown(`The tracker's answer broke off: ${String(error)}`);
  });
}

/** The model in the path; empty: none. */
function modelOf({ values }: Match): string {
  return values["model"] ?? "";
}

function showsModel({ match }: Routed): boolean {
  return match.route.path === MODELS || match.route.path === MODEL;
}
