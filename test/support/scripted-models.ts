/** The logged models of a scripted server, by the rules of MLflow's handlers. */

type Json = Record<string, unknown>;

interface Text {
  readonly key: string;
  readonly value: string;
}

export interface ScriptedModel {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly experimentId: string;
  readonly sourceRunId: string;
  readonly params: Map<string, string>;
  readonly tags: Map<string, string>;
  status: string;
  isDeleted: boolean;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

export class ScriptedModels {
  readonly all: ScriptedModel[] = [];

  /** The model that has this id of ours. Throws when it is not there exactly once. */
  begunAs(modelId: string): ScriptedModel {
    const [found, ...others] = this.all.filter((each) => each.tags.get("stepwell.model_id") === modelId);
    if (!found || others.length > 0)
      throw new Error(`${others.length + (found ? 1 : 0)} models have the id ${modelId}`);
    return found;
  }

  /** Below logged-models/. */
  answer(method: string, [id = "", field]: readonly string[], body: Json): Answer {
    if (id === "") return this.#create(body);
    if (id === "search") return this.#search(body);
    const model = this.all.find((each) => each.id === id && !each.isDeleted);
    if (!model) return fault(404, "RESOURCE_DOES_NOT_EXIST", `Logged model with ID '${id}' not found.`);
    if (field === "params") return this.#addParams(model, textsOf(body["params"]));
    for (const { key, value } of field === "tags" ? textsOf(body["tags"]) : []) model.tags.set(key, value);
    if (method === "DELETE") model.isDeleted = true;
    if (method === "PATCH" && field === undefined) model.status = String(body["status"]);
    return good(method === "DELETE" || field ? {} : { model: shown(model) });
  }

  #create(body: Json): Answer {
    const model: ScriptedModel = {
      ...{ id: `m-${String(this.all.length + 1).padStart(32, "e")}`, name: String(body["name"]) },
      ...{ experimentId: String(body["experiment_id"]), sourceRunId: String(body["source_run_id"]) },
      ...{ type: String(body["model_type"]), params: new Map(), tags: new Map() },
      ...{ status: "LOGGED_MODEL_PENDING", isDeleted: false },
    };
    for (const { key, value } of textsOf(body["params"])) model.params.set(key, value);
    for (const { key, value } of textsOf(body["tags"])) model.tags.set(key, value);
    this.all.push(model);
    return good({ model: shown(model) });
  }

  #search(body: Json): Answer {
    const [, wanted] = /^tags\.`stepwell\.model_id` = '([\w-]+)'$/.exec(String(body["filter"])) ?? [];
    const ids = body["experiment_ids"] as readonly string[];
    const found = this.all.filter(
      ({ tags, experimentId }) => tags.get("stepwell.model_id") === wanted && ids.includes(experimentId),
    );
    return good(found.length === 0 ? {} : { models: found.map(shown) });
  }

  #addParams(model: ScriptedModel, params: readonly Text[]): Answer {
    if (params.some(({ key }) => model.params.has(key)))
      return fault(400, "BAD_REQUEST", "(sqlite3.IntegrityError) UNIQUE constraint failed");
    for (const { key, value } of params) model.params.set(key, value);
    return good({});
  }
}

/** Where a model's artifacts are. */
export function rootOfModel({ experimentId, id }: ScriptedModel): string {
  return `${experimentId}/models/${id}/artifacts`;
}

function shown(model: ScriptedModel): Json {
  const { id, name, experimentId, sourceRunId, status } = model;
  const info = {
    ...{ model_id: id, name, experiment_id: experimentId, source_run_id: sourceRunId, status },
    artifact_uri: `mlflow-artifacts:/${rootOfModel(model)}`,
    tags: textsIn(model.tags),
  };
  return { info, data: { params: textsIn(model.params) } };
}

function textsOf(list: unknown): readonly Text[] {
  return (list ?? []) as readonly Text[];
}

function textsIn(texts: ReadonlyMap<string, string>): Text[] {
  return [...texts].map(([key, value]) => ({ key, value }));
}

function good(body: Json): Answer {
  return { status: 200, body: JSON.stringify(body) };
}

function fault(status: number, code: string, message: string): Answer {
  return { status, body: JSON.stringify({ error_code: code, message }) };
}
