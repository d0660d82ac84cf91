/** What journaled calls say of a run's inputs and outputs, laid over what its tracker shows of them. Pure. */
import type { ApiCall } from "../model/pack.js";
import type { JsonObject } from "./requests/body.js";

export class InputFold {
  readonly #datasets = new Map<string, JsonObject>();
  readonly #models = new Map<string, JsonObject>();
  readonly #outputs = new Map<string, JsonObject>();

  /** Adds a call; of one that is no input or output of a run nothing is seen in the run. */
  add({ path, body }: ApiCall): void {
    if (path !== "runs/log-inputs" && path !== "runs/outputs") return;
    const { datasets, models } = JSON.parse(body) as JsonObject;
    for (const each of listOf(datasets)) addFirst(this.#datasets, nameOf(each), each);
    const found = path === "runs/outputs" ? this.#outputs : this.#models;
    for (const each of listOf(models)) addFirst(found, String(each["model_id"]), each);
  }

  /** The models that are named. */
  get modelIds(): readonly string[] {
    return [...this.#models.keys(), ...this.#outputs.keys()];
  }

  /**
   * A run's inputs in MLflow's JSON with this laid over them: what is there already stays as it is. `ids` are those that
   * models have there, by the ids that they are named by here.
   */
  over(inputs: JsonObject | undefined, ids: ReadonlyMap<string, string>): JsonObject {
    const datasets = new Map(listOf(inputs?.["dataset_inputs"]).map((each) => [nameOf(each), each]));
    for (const [name, each] of this.#datasets) addFirst(datasets, name, each);
    return {
      ...inputs,
      ...(datasets.size > 0 ? { dataset_inputs: [...datasets.values()] } : {}),
      ...modelsOver("model_inputs", inputs, this.#models, ids),
    };
  }

  /** The same for its outputs. */
  outputsOver(outputs: JsonObject | undefined, ids: ReadonlyMap<string, string>): JsonObject {
    return { ...outputs, ...modelsOver("model_outputs", outputs, this.#outputs, ids) };
  }
}

function modelsOver(
  field: string,
  shown: JsonObject | undefined,
  more: ReadonlyMap<string, JsonObject>,
  ids: ReadonlyMap<string, string>,
): JsonObject {
  const models = new Map(listOf(shown?.[field]).map((each) => [String(each["model_id"]), each]));
  for (const [name, each] of more) {
    const there = ids.get(name);
    addFirst(models, there ?? name, there === undefined ? each : { ...each, model_id: there });
  }
  return models.size > 0 ? { [field]: [...models.values()] } : {};
}

/** MLflow keeps one input for each dataset, the first one. */
function nameOf(input: JsonObject): string {
  const { name, digest } = (input["dataset"] ?? {}) as JsonObject;
  return JSON.stringify([name, digest]);
}

function addFirst(found: Map<string, JsonObject>, name: string, each: JsonObject): void {
  if (!found.has(name)) found.set(name, each);
}

function listOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? (value as JsonObject[]) : [];
}
