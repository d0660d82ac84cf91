/** Where artifacts lie at their server: programs name them by the ids that they got, which may be the daemon's own. */
import { isId } from "../../model/id.js";
import { GATEWAY_SEEN_RUNS_MAX } from "../../model/limits.js";
import { factsOf } from "../../model/target.js";
import type { BackendRuns } from "../../runs/backend-runs.js";
import { refusalOf, type SeenExperiments } from "../experiments.js";
import type { GatewayRuns } from "../gateway-runs.js";
import type { JsonObject } from "../requests/body.js";
import { NotMadeYet, OneDown, type TrackerApi } from "../tracker-api.js";
import type { Place } from "../workspace.js";
import type { ArtifactPlace } from "./uploaded.js";

export interface ArtifactPathsOptions {
  readonly runs: Pick<GatewayRuns, "find">;
  readonly backendRuns: BackendRuns;
  readonly experiments: SeenExperiments;
}

const GET_RUN = "/api/2.0/mlflow/runs/get";

export class ArtifactPaths {
  readonly #options: ArtifactPathsOptions;
  /** Where artifacts of runs lie, by the runs' ids at their servers. */
  readonly #roots = new Map<string, string>();

  constructor(options: ArtifactPathsOptions) {
    this.#options = options;
  }

  /**
   * A path with the ids that it has at the tracker: EXPERIMENT/RUN/artifacts/... Rejects with ApiDown where the run is
   * not made there yet, and where its artifacts don't go through its server.
   */
  async at(target: Place, api: TrackerApi, path: string): Promise<string> {
    const { runs, backendRuns, experiments } = this.#options;
    const [experimentId = "", runId = "", ...rest] = path.split("/");
    const run = isId(runId) ? await runs.find(runId) : undefined;
    if (!run) return [await experiments.idAt(target, api, experimentId), runId, ...rest].join("/");
    const known = await backendRuns.find(run.runId, factsOf(target.backend).runsKey);
    if (known?.kind !== "known") throw new NotMadeYet(`The run ${run.runId} is not made at its tracker yet.`);
    // Of a run that a server made itself its program knows the place already.
    if (known.mlflowRunId === runId) return path;
    const root = await this.#rootOf(api, known.mlflowRunId);
    return [root, ...rest.slice(1)].join("/");
  }

  /** What is meant by a path, whichever of their ids its experiment and its run have in it. */
  async placeOf({ backend }: Place, path: string): Promise<ArtifactPlace> {
    const plain = decodeURIComponent(path);
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

  async #rootOf(api: TrackerApi, idThere: string): Promise<string> {
    const seen = this.#roots.get(idThere);
    if (seen !== undefined) return seen;
    const { status, body } = await api.ask("GET", GET_RUN, { run_id: idThere });
    const run = body["run"] as JsonObject | undefined;
    const uri = (run?.["info"] as JsonObject | undefined)?.["artifact_uri"];
    if (status !== 200) throw refusalOf(body);
    const [, root] = /^mlflow-artifacts:\/*(.+)$/.exec(String(uri)) ?? [];
    if (root === undefined)
      throw new OneDown(`Artifacts of the run ${idThere} don't go through its server: ${String(uri)}`);
    if (this.#roots.size >= GATEWAY_SEEN_RUNS_MAX) this.#roots.clear();
    this.#roots.set(idThere, root);
    return root;
  }
}
