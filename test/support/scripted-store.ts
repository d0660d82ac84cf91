/** What a scripted server keeps: experiments, runs and logged models, by the rules of MLflow's handlers. */
import { ScriptedModels } from "./scripted-models.js";

type Json = Record<string, unknown>;

export interface ScriptedRun {
  readonly id: string;
  readonly experimentId: string;
  readonly tags: Map<string, string>;
  readonly params: Map<string, string>;
  /** Key, step, timestamp and value, as JSON wrote them. */
  readonly points: string[];
  status: string;
  endTime: string;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

export class ScriptedStore {
  readonly experiments = new Map<string, string>();
  readonly runs: ScriptedRun[] = [];
  /** The same by their ids: a server of ten thousand runs is not searched for each request. */
  readonly #byId = new Map<string, ScriptedRun>();
  readonly models = new ScriptedModels();
  /** Batches that were carried out. */
  logged = 0;
  readonly #appends: boolean;
  readonly #entriesMax: number;

  constructor(appends: boolean, entriesMax = 1000) {
    this.#appends = appends;
    this.#entriesMax = entriesMax;
  }

  /** The run that has this id of ours. Throws when it is not there exactly once. */
  run(runId: string): ScriptedRun {
    const [found, ...others] = this.runs.filter((run) => run.tags.get("stepwell.run_id") === runId);
    if (!found || others.length > 0)
      throw new Error(`${others.length + (found ? 1 : 0)} runs have the id ${runId}`);
    return found;
  }

  answer(method: string, endpoint: string, query: URLSearchParams, body: string): Answer {
    const [subject, ...below] = endpoint.split("/");
    if (subject === "logged-models") return this.models.answer(method, below, parse(body));
    switch (endpoint) {
      case "experiments/get-by-name":
        return this.#experiment(query.get("experiment_name") ?? "");
      case "experiments/get":
        return this.#experimentById(query.get("experiment_id") ?? "");
      case "experiments/search":
        return good({
          experiments: [...this.experiments.values()].map((experiment_id) => ({ experiment_id })),
        });
      case "experiments/create":
        return this.#createExperiment(text(parse(body)["name"]));
      case "runs/get":
        return this.#get(query.get("run_id") ?? "");
      case "runs/create":
        return this.#createRun(parse(body));
      case "runs/search":
        return this.#search(parse(body));
      case "metrics/get-history":
        return this.#history(query);
      default:
        return this.#ofRun(endpoint, parse(body));
    }
  }

  #experiment(name: string): Answer {
    const id = this.experiments.get(name);
    if (id === undefined) return fault(404, "RESOURCE_DOES_NOT_EXIST", `Could not find experiment ${name}`);
    return good({ experiment: { experiment_id: id, name, lifecycle_stage: "active" } });
  }

  #experimentById(id: string): Answer {
    const [name] = [...this.experiments].find(([, known]) => known === id) ?? [];
    return name === undefined
      ? fault(404, "RESOURCE_DOES_NOT_EXIST", `No experiment ${id}`)
      : this.#experiment(name);
  }

  #createExperiment(name: string): Answer {
    if (this.experiments.has(name)) return fault(400, "RESOURCE_ALREADY_EXISTS", "It exists.");
    const id = String(this.experiments.size + 1);
    this.experiments.set(name, id);
    return good({ experiment_id: id });
  }

  #createRun(body: Json): Answer {
    const id = `${this.runs.length + 1}`.padStart(32, "f");
    const tags = new Map(
      (body["tags"] as { key: string; value: string }[]).map(({ key, value }) => [key, value]),
    );
    const run: ScriptedRun = {
      id,
      experimentId: text(body["experiment_id"]),
      tags,
      params: new Map(),
      points: [],
      status: "RUNNING",
      endTime: "",
    };
    this.runs.push(run);
    this.#byId.set(id, run);
    return good({ run: { info: { run_id: id } } });
  }

  #get(runId: string): Answer {
    const run = this.#byId.get(runId);
    if (!run) return fault(404, "RESOURCE_DOES_NOT_EXIST", "Run not found.");
    const { id, experimentId, status, endTime } = run;
    const latest = pointsOf(run);
    const info = {
      ...{ run_id: id, run_uuid: id, run_name: run.tags.get("mlflow.runName"), experiment_id: experimentId },
      ...{
        status,
        lifecycle_stage: "active",
        start_time: 1,
        ...(endTime === "" ? {} : { end_time: Number(endTime) }),
      },
      artifact_uri: `dbfs:/databricks/mlflow-tracking/${experimentId}/${id}/artifacts`,
    };
    const data = {
      tags: [...run.tags].map(([key, value]) => ({ key, value })),
      params: [...run.params].map(([key, value]) => ({ key, value })),
      metrics: [...new Map(latest.map((point) => [point["key"], point])).values()],
    };
    return good({ run: { info, data } });
  }

  #search(body: Json): Answer {
    const filter = text(body["filter"]);
    const [, ids] = /^attributes\.run_id IN \((.*)\)$/.exec(filter) ?? [];
    if (ids !== undefined) {
      const shown = [...ids.matchAll(/\w+/g)].map(([id]) => this.#get(id));
      return good({ runs: shown.map((answer) => (JSON.parse(answer.body) as Json)["run"]).filter(Boolean) });
    }
    const wanted = /tags\.`stepwell\.run_id` = '(\w+)'/.exec(filter)?.[1];
    const found = this.runs.filter((run) => run.tags.get("stepwell.run_id") === wanted);
    return good({ runs: found.map(({ id }) => ({ info: { run_id: id } })) });
  }

  /** Two points a page, so that pages are turned. */
  #history(query: URLSearchParams): Answer {
    const run = this.#byId.get(query.get("run_id") ?? "");
    const all = run?.points.filter((point) =>
      point.startsWith(`{"key":${JSON.stringify(query.get("metric_key"))},`),
    );
    if (!all) return fault(404, "RESOURCE_DOES_NOT_EXIST", "No such run.");
    const from = Number(query.get("page_token") ?? "0");
    const next = from + 2 < all.length ? `,"next_page_token":"${from + 2}"` : "";
    return { status: 200, body: `{"metrics":[${all.slice(from, from + 2).join(",")}]${next}}` };
  }

  #ofRun(endpoint: string, body: Json): Answer {
    const run = this.#byId.get(text(body["run_id"]));
    if (!run) return fault(404, "RESOURCE_DOES_NOT_EXIST", "Run not found.");
    if (endpoint === "runs/log-batch") return this.#logBatch(run, body);
    const { key, value, status, end_time: endTime } = body;
    if (endpoint === "runs/set-tag") run.tags.set(text(key), text(value));
    if (endpoint === "runs/delete-tag" && !run.tags.delete(text(key)))
      return fault(404, "RESOURCE_DOES_NOT_EXIST", "No such tag.");
    if (endpoint !== "runs/update") return good({});
    run.status = text(status);
    run.endTime = JSON.stringify(endTime) ?? run.endTime;
    return good({ run_info: { status } });
  }

  #logBatch(run: ScriptedRun, body: Json): Answer {
    const { params, tags, metrics } = body as Record<string, { key: string; value: string }[]>;
    if ((params?.length ?? 0) + (tags?.length ?? 0) + (metrics?.length ?? 0) > this.#entriesMax)
      return fault(400, "INVALID_PARAMETER_VALUE", `A batch may hold ${this.#entriesMax} entries.`);
    for (const { key, value } of params ?? []) {
      const old = run.params.get(key);
      if (old !== undefined && old !== value)
        return fault(
          400,
          "INVALID_PARAMETER_VALUE",
          `Changing param values is not allowed. Param with key='${key}' was already logged`,
        );
      run.params.set(key, value);
    }
    for (const point of (metrics ?? []) as unknown as string[]) {
      if (this.#appends || !run.points.includes(point)) run.points.push(point);
    }
    for (const { key, value } of tags ?? []) run.tags.set(key, value);
    this.logged += 1;
    return good({});
  }
}

/** The points of a run as JSON's values; one that names a model or a data set is no text. */
export function pointsOf({ points }: ScriptedRun): readonly Json[] {
  return (points as readonly unknown[]).map((point) =>
    typeof point === "string" ? (JSON.parse(point) as Json) : (point as Json),
  );
}

/** Metrics stay the text that they were, so that a test sees each digit. A GET has no body. */
function parse(body: string): Json {
  if (body === "") return {};
  const quoted = body.replace(
    /\{"key":"[^"]*","value":(?:"\w+"|[-\d.e+]+),"timestamp":\d+,"step":-?\d+\}/g,
    (point) => JSON.stringify(point),
  );
  const value = JSON.parse(quoted) as Json;
  return value;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function good(body: Json): Answer {
  return { status: 200, body: JSON.stringify(body) };
}

function fault(status: number, code: string, message: string): Answer {
  return { status, body: JSON.stringify({ error_code: code, message }) };
}
