/** Where artifacts lie at their server: programs name them by the ids that they got, which may be the daemon's own. */
import { isId } from "../../model/id.js";
import { GATEWAY_SEEN_RUNS_MAX } from "../../model/limits.js";
import { type Backend, factsOf } from "../../model/target.js";
import type { BackendModels } from "../../runs/backend-models.js";
import type { BackendRuns } from "../../runs/backend-runs.js";
import { isMadeUpId, refusalOf, type SeenExperiments } from "../experiments.js";
import type { GatewayRuns } from "../gateway-runs.js";
import type { IdsThere } from "../ids-there.js";
import type { JsonObject } from "../requests/body.js";
import { NotMadeYet, OneDown, type TrackerApi } from "../tracker-api.js";
import type { Place } from "../workspace.js";
import type { ArtifactPlace } from "./uploaded.js";

export interface ArtifactPathsOptions {
  readonly runs: Pick<GatewayRuns, "find">;
  readonly backendRuns: BackendRuns;
  readonly backendModels: Pick<BackendModels, "find" | "ownId">;
  readonly ids: Pick<IdsThere, "modelAt">;
  readonly experiments: SeenExperiments;
}

const GET_RUN = "/api/2.0/mlflow/runs/get";
const MODELS = "/api/2.0/mlflow/logged-models";
/** Where servers put models' artifacts, and Databricks does: below their experiments. */
const OF_MODEL = /\/(?:logged_)?models\/(m-[0-9a-f]{32})\/artifacts(?:\/(.*))?$/s;

export class ArtifactPaths {
  readonly #options: ArtifactPathsOptions;
  /** Where artifacts of runs and models lie, by their ids at their servers. */
  readonly #roots = new Map<string, string>();

  constructor(options: ArtifactPathsOptions) {
    this.#options = options;
  }

  /**
   * A path with the ids that it has at the tracker: EXPERIMENT/RUN/artifacts/..., or EXPERIMENT/models/MODEL/artifacts/...
   * Rejects with ApiDown where the run or the model is not made there yet, and where its artifacts don't go through its
   * server.
   */
  async at(target: Place, api: TrackerApi, path: string): Promise<string> {
    const { runs, backendRuns, experiments, ids } = this.#options;
    const [, modelId = "", below] = OF_MODEL.exec(path) ?? [];
    const modelThere = modelId && (await ids.modelAt(target, modelId));
    if (modelThere !== modelId) {
      const root = await this.#rootOf(modelThere, () => shownModel(api, modelThere));
      return below === undefined ? root : `${root}/${below}`;
    }
    const [experimentId = "", runId = "", ...rest] = path.split("/");
    const run = isId(runId) ? await runs.find(runId) : undefined;
    if (!run) return [await experiments.idAt(target, api, experimentId), runId, ...rest].join("/");
    const known = await backendRuns.find(run.runId, factsOf(target.backend).runsKey);
    if (known?.kind !== "known") throw new NotMadeYet(`The run ${run.runId} is not made at its tracker yet.`);
    // Of a run that a server made itself its program knows the place already, unless it asked while nobody knew the experiment.
    if (known.mlflowRunId === runId && !isMadeUpId(experimentId)) return path;
    const idThere = known.mlflowRunId;
    const root = await this.#rootOf(idThere, async () => {
      const { status, body } = await api.ask("GET", GET_RUN, { run_id: idThere });
      if (status !== 200) throw refusalOf(body);
      return body["run"];
    });
    return [root, ...rest.slice(1)].join("/");
  }

  /** What is meant by a path, whichever of their ids its experiment and its run have in it. */
  async placeOf({ backend }: Place, path: string): Promise<ArtifactPlace> {
    const plain = decodeURIComponent(path);
    const ofModel = await this.#placeOfModel(backend, plain);
    if (ofModel) return ofModel;
    // A server with workspaces puts them in front.
    const [, runId = "", ...rest] = plain.replace(/^workspaces\/[^/]+\//, "").split("/");
    const { runs, backendRuns } = this.#options;
    const run = isId(runId) ? await runs.find(runId) : undefined;
    if (!run) return { runId: "", path: plain };
    const known = await backendRuns.find(run.runId, factsOf(backend).runsKey);
    const isAdopted = known?.kind === "known" && known.mlflowRunId === run.runId;
    return {
      runId: run.runId,
      path: rest.slice(1).join("/"),
      ...(isAdopted ? {} : { begunMs: run.firstSeenMs }),
    };
  }

  /** Of a model that the daemon began, by whichever of its ids. */
  async #placeOfModel(backend: Backend, path: string): Promise<ArtifactPlace | undefined> {
    const { backendModels } = this.#options;
    const [, modelId, below = ""] = OF_MODEL.exec(path) ?? [];
    if (modelId === undefined) return undefined;
    const own = await backendModels.ownId(modelId);
    const known = await backendModels.find(own, factsOf(backend).runsKey);
    return known && { runId: own, path: below, begunMs: known.begunMs };
  }

  async #rootOf(idThere: string, show: () => Promise<unknown>): Promise<string> {
    const seen = this.#roots.get(idThere);
    if (seen !== undefined) return seen;
    const shown = (await show()) as JsonObject | undefined;
    const uri = (shown?.["info"] as JsonObject | undefined)?.["artifact_uri"];
    const [, root] = /^mlflow-artifacts:\/*(.+)$/.exec(String(uri)) ?? [];
    if (root === undefined)
      throw new OneDown(`Artifacts of ${idThere} don't go through its server: ${String(uri)}`);
    if (this.#roots.size >= GATEWAY_SEEN_RUNS_MAX) this.#roots.clear();
    this.#roots.set(idThere, root);
    return root;
  }
}

/** A model as its server shows it, also one that was deleted: what was logged of it before belongs to it. */
async function shownModel(api: TrackerApi, idThere: string): Promise<unknown> {
  const path = `${MODELS}/${encodeURIComponent(idThere)}`;
  const { status, body } = await api.ask("GET", path, {});
  if (status === 200) return body["model"];
  const deleted = status === 404 ? await api.ask("GET", path, { allow_deleted: "true" }) : undefined;
  if (deleted?.status === 200) return deleted.body["model"];
  throw refusalOf(body);
}
