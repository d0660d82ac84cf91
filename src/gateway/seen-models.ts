/**
 * Logged models as their tracker showed them last, with what was journaled of them since: which run made one, for what
 * is said of a model goes in that run's order, and what a program sees of one while the tracker is away.
 */
import { GATEWAY_SEEN_RUNS_MAX } from "../model/limits.js";
import type { Target } from "../model/target.js";
import type { JsonObject } from "./requests/body.js";
import type { TrackerApi } from "./tracker-api.js";

interface SeenModel {
  /** As its program knows the run; undefined: no run made the model. */
  readonly runId: string | undefined;
  /** The model in MLflow's JSON. */
  readonly shown: JsonObject;
}

type Texts = readonly JsonObject[];

const MODELS = "/api/2.0/mlflow/logged-models";

export class SeenModels {
  readonly #models = new Map<string, SeenModel>();

  /** Takes note of a model that the tracker shows; `runId` is the run's id as its program knows it. */
  saw(target: Target, answer: JsonObject, runId?: unknown): void {
    const shown = answer["model"] as JsonObject | undefined;
    const { model_id: modelId, source_run_id: there } = partOf(shown, "info");
    if (!shown || typeof modelId !== "string") return;
    const before = this.#models.get(keyOf(target, modelId));
    const made = [runId, before?.runId, there].find((id) => typeof id === "string" && id !== "");
    if (this.#models.size >= GATEWAY_SEEN_RUNS_MAX) this.#models.clear();
    this.#models.set(keyOf(target, modelId), { runId: made as string | undefined, shown });
  }

  /** The run that made a model; undefined for none, and where the tracker has no such model. Rejects with ApiDown. */
  async runOf(target: Target, api: TrackerApi, modelId: string): Promise<string | undefined> {
    const key = keyOf(target, modelId);
    if (!this.#models.has(key)) {
      const { status, body } = await api.ask("GET", `${MODELS}/${encodeURIComponent(modelId)}`, {});
      if (status === 200) this.saw(target, body);
    }
    return this.#models.get(key)?.runId;
  }

  /** The model as it was seen last. */
  find(target: Target, modelId: string): JsonObject | undefined {
    return this.#models.get(keyOf(target, modelId))?.shown;
  }

  /** Params or tags of a model are journaled. */
  describe(target: Target, modelId: string, { params, tags }: JsonObject): void {
    const key = keyOf(target, modelId);
    const seen = this.#models.get(key);
    if (!seen) return;
    const info = partOf(seen.shown, "info");
    const data = partOf(seen.shown, "data");
    const shown = {
      ...seen.shown,
      info: { ...info, tags: merged(info["tags"], tags) },
      data: { ...data, params: merged(data["params"], params) },
    };
    this.#models.set(key, { ...seen, shown });
  }
}

/** Texts by their keys; of two values the later one. */
function merged(before: unknown, later: unknown): Texts {
  const all = [before, later].flatMap((list) => (Array.isArray(list) ? (list as Texts) : []));
  return [...new Map(all.map((each) => [each["key"], each])).values()];
}

function partOf(model: JsonObject | undefined, name: "info" | "data"): JsonObject {
  return (model?.[name] ?? {}) as JsonObject;
}

function keyOf({ trackerId }: Target, modelId: string): string {
  return `${trackerId}/${modelId}`;
}
