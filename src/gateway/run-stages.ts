/**
 * Which runs are deleted, as far as their trackers said so through the gateway: MLflow's server refuses what is logged
 * to one. A local tracker is asked for a run that it never said anything of, once; a server only after an experiment was
 * deleted or restored, for that takes its runs along. Where a tracker can't say it in a moment, the run counts as
 * active: logging waits for nobody, and what the run's delivery meets is told there.
 */
import { within } from "../home/wait.js";
import { GATEWAY_SEEN_RUNS_MAX } from "../model/limits.js";
import { factsOf } from "../model/target.js";
import type { JsonObject } from "./requests/body.js";
import { invalid } from "./requests/request-fault.js";
import type { TrackerApi } from "./tracker-api.js";
import type { Place } from "./workspace.js";

export type RunStage = "active" | "deleted";

/** How long a run's first call waits for what its tracker says of it. */
const ASKED_MS_MAX = 1_000;
const GET_RUN = "/api/2.0/mlflow/runs/get";

export class RunStages {
  readonly #stages = new Map<string, RunStage>();
  /** Servers whose runs are asked for. */
  readonly #doubted = new Set<string>();

  /** A tracker said it, or a call made it so. */
  set(place: Place, runId: string, stage: RunStage): void {
    const key = keyOf(place, runId);
    this.#stages.delete(key);
    this.#stages.set(key, stage);
    const [oldest] = this.#stages.keys();
    if (this.#stages.size > GATEWAY_SEEN_RUNS_MAX && oldest !== undefined) this.#stages.delete(oldest);
  }

  /** A tracker showed the run. */
  saw(place: Place, runId: string, run: JsonObject): void {
    const info = run["info"] as JsonObject | undefined;
    this.set(place, runId, info?.["lifecycle_stage"] === "deleted" ? "deleted" : "active");
  }

  /** Any run of the tracker may have another one now. */
  doubt(place: Place): void {
    for (const key of this.#stages.keys()) if (key.startsWith(keyOf(place, ""))) this.#stages.delete(key);
    this.#doubted.add(place.trackerId);
  }

  /** Throws MLflow's refusal of what changes a run that is deleted; `idThere` is its id at the tracker. */
  async checkActive(
    place: Place,
    api: TrackerApi,
    runId: string,
    idThere: () => Promise<string>,
  ): Promise<void> {
    const isAsked = factsOf(place.backend).file !== undefined || this.#doubted.has(place.trackerId);
    if (isAsked && this.of(place, runId) === undefined)
      await within(ASKED_MS_MAX, this.#learn(place, api, runId, idThere));
    if (this.of(place, runId) !== "deleted") return;
    throw invalid(`The run ${await idThere()} must be in the 'active' state. Current state is deleted.`);
  }

  async #learn(place: Place, api: TrackerApi, runId: string, idThere: () => Promise<string>): Promise<void> {
    // Nobody else waits for it meanwhile, and a tracker that is away is not asked again at each call.
    this.set(place, runId, "active");
    try {
      const { status, body } = await api.ask("GET", GET_RUN, { run_id: await idThere() });
      if (status === 200) this.saw(place, runId, (body["run"] ?? {}) as JsonObject);
    } catch {
      // The run's delivery tells.
    }
  }

  /** Undefined: nothing was said of it. */
  of(place: Place, runId: string): RunStage | undefined {
    return this.#stages.get(keyOf(place, runId));
  }
}

function keyOf({ trackerId }: Place, runId: string): string {
  return `${trackerId}/${runId}`;
}
