/**
 * What the gateway does with a request, by its route's class (routes.ts): journals it, answers with what the run's lane
 * still holds, flushes lanes first, answers without the tracker, or passes it on.
 */
import type { Clock } from "../model/clock.js";
import { type Backend, backendKey, factsOf, type Target } from "../model/target.js";
import type { BackendModels } from "../runs/backend-models.js";
import { type Artifacts, goesAround } from "./artifacts/artifacts.js";
import { BegunModels } from "./begun-models.js";
import { type GatewayAnswer, type GatewayCall, jsonAnswer } from "./call.js";
import { answerExperiment } from "./experiment-answers.js";
import { isMadeUpId, type SeenExperiments } from "./experiments.js";
import { answerFault } from "./fault-answer.js";
import { FlushedCalls } from "./flushed-calls.js";
import type { GatewayRuns } from "./gateway-runs.js";
import type { IdsThere } from "./ids-there.js";
import type { KnownAnswers } from "./known-answers.js";
import type { KnownRuns } from "./known-runs.js";
import { LogCalls } from "./log-calls.js";
import { PassedCalls } from "./passed-calls.js";
import { plainMatch } from "./plain-path.js";
import type { JsonObject } from "./requests/body.js";
import { requiredText } from "./requests/fields.js";
import { RequestFault } from "./requests/request-fault.js";
import { readCreateRun } from "./requests/run-requests.js";
import { jsonBody, type Routed } from "./routed.js";
import type { RunHistory } from "./run-history.js";
import type { SeenModels } from "./seen-models.js";
import type { TraceCalls } from "./trace-calls.js";
import type { TrackerApi } from "./tracker-api.js";
import { apiWithin, type Place, placeOf } from "./workspace.js";

export interface GatewayOptions {
  readonly runs: GatewayRuns;
  readonly experiments: SeenExperiments;
  readonly models: SeenModels;
  readonly backendModels: BackendModels;
  readonly ids: IdsThere;
  readonly history: RunHistory;
  /** What searches find while a tracker is away. */
  readonly known: Pick<KnownRuns, "answer" | "close">;
  readonly answers: KnownAnswers;
  readonly artifacts: Artifacts;
  readonly traces: Pick<TraceCalls, "answer">;
  readonly clock: Clock;
  /** Opens a tracker's API; it connects when it is first used. */
  readonly openApi: (backend: Backend) => TrackerApi;
}

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #apis = new Map<string, TrackerApi>();
  readonly #flushed: FlushedCalls;
  readonly #passed: PassedCalls;
  readonly #logs: LogCalls;
  readonly #ending = new AbortController();

  constructor(options: GatewayOptions) {
    this.#options = options;
    const { runs, models, ids, history, known, clock } = options;
    const begun = new BegunModels(options);
    this.#passed = new PassedCalls(ids);
    this.#flushed = new FlushedCalls({ runs, models, begun, ids, history, known });
    this.#logs = new LogCalls({ runs, models, clock, flushed: this.#flushed });
  }

  /** Answers a request. Never rejects: what stands in the way is answered as MLflow's server says such things. */
  async answer(call: GatewayCall): Promise<GatewayAnswer> {
    try {
      const match = plainMatch(call.method, call.path);
      const target = placeOf(call);
      return await this.#answerTo({ ...call, match, target, api: this.apiOf(target) });
    } catch (error) {
      return answerFault(error, call.headers["user-agent"]);
    }
  }

  /** Asks a tracker what programs ask first, for those that come while it is away. Never rejects. */
  async learn(target: Target): Promise<void> {
    if (!factsOf(target.backend).isServer) return;
    await this.#options.answers.learn(target, this.apiOf(target), this.#ending.signal);
  }

  async close(): Promise<void> {
    this.#ending.abort();
    const apis = [...this.#apis.values()].map((api) => api.close());
    await Promise.all([...apis, this.#options.known.close()]);
  }

  async #answerTo(call: Routed): Promise<GatewayAnswer> {
    switch (call.match.route.class) {
      case "buffered":
        return await this.#logs.answer(call);
      case "overlaid":
        return await this.#showRun(call);
      case "behind-flush":
        return await this.#flushed.answer(call);
      case "known-offline":
        return await this.#answerKnown(call);
      case "artifact":
        return await this.#answerArtifact(call);
      case "spooled":
        return await this.#options.traces.answer(call, (passed) => this.#passed.answer(passed));
      case "around":
        throw goesAround(call.match.route.path);
      case "refused":
        throw new RequestFault(
          "PERMISSION_DENIED",
          "This runs work on the server's host, which a step may not do.",
        );
      case "passed":
        return await this.#pass(call);
    }
  }

  async #pass(call: Routed): Promise<GatewayAnswer> {
    const answer = await this.#passed.answer(call);
    // It restores the experiment's runs, too.
    if (call.path.endsWith("/experiments/restore")) this.#options.runs.stages.doubt(call.target);
    return answer;
  }

  async #answerArtifact(call: Routed): Promise<GatewayAnswer> {
    const path = call.path.replace(/^\/(ajax-)?api\/2\.0\/mlflow-artifacts\/artifacts\/?/, "");
    // A local store's artifacts are files of this machine, and a database or a folder of bundles has none: nothing waits for
    // them, but those of a run whose experiment the local store has not numbered yet.
    const [experimentId = ""] = (path || (new URLSearchParams(call.search).get("path") ?? "")).split("/");
    const { isServer, artifactRoot } = factsOf(call.target.backend);
    const waits = isServer || (artifactRoot !== undefined && isMadeUpId(experimentId));
    if (!waits) return await call.api.pass(call);
    return await this.#options.artifacts.answer(call, call.api, path);
  }

  async #showRun({ target, api, search }: Routed): Promise<GatewayAnswer> {
    const query = new URLSearchParams(search);
    const runId = query.get("run_id") || query.get("run_uuid") || "";
    if (runId === "") requiredText({}, "run_id");
    return jsonAnswer({ run: await this.#options.runs.get(target, api, runId) });
  }

  async #answerKnown(call: Routed): Promise<GatewayAnswer> {
    const { path } = call.match.route;
    if (path.endsWith("/runs/create")) return await this.#createRun(call);
    if (path.endsWith("/experiments/search")) return await this.#flushed.answer(call);
    if (path.includes("/experiments/")) return await this.#answerExperiment(call);
    return await this.#options.answers.answer(call);
  }

  async #answerExperiment(call: Routed): Promise<GatewayAnswer> {
    const { method, search, match } = call;
    const isGet = method === "GET";
    const asked = isGet ? Object.fromEntries(new URLSearchParams(search)) : await jsonBody(call);
    const question = { method: isGet ? "GET" : "POST", path: match.route.path, asked } as const;
    const answer = await answerExperiment(call, question, this.#options);
    const { name, lifecycle_stage: stage } = (answer["experiment"] ?? {}) as JsonObject;
    if (typeof name === "string" && stage !== "deleted")
      await this.#options.runs.suggestExperiment(call.target, call.programRunId, name);
    return jsonAnswer(answer);
  }

  async #createRun(call: Routed): Promise<GatewayAnswer> {
    const { target, api, programRunId } = call;
    const asked = readCreateRun(await jsonBody(call));
    return jsonAnswer({ run: await this.#options.runs.create(target, api, asked, programRunId) });
  }

  /** The API of a place. */
  apiOf({ backend, workspace }: Place): TrackerApi {
    return apiWithin(this.#apiOfBackend(backend), workspace);
  }

  /** It is the same each time. */
  #apiOfBackend(backend: Backend): TrackerApi {
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
