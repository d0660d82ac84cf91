/** The tracker's server in the torture of the gateway: a scripted one that keeps artifacts, too, and goes away at will. */
import type { ExecutionContext } from "ava";
import { type Reaction, ScriptedMlflow, type Seen } from "../support/scripted-mlflow.js";
import type { ScriptedModel } from "../support/scripted-models.js";
import type { ScriptedRun } from "../support/scripted-store.js";

/** Of so many models one is made without an answer. */
const LOST_EACH = 5;
const ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts/";
const EXPERIMENT = { experiment_id: "0", name: "torture", lifecycle_stage: "active" };

export class GatewayServer {
  readonly #scripted: ScriptedMlflow;
  /** What was uploaded last, by path. */
  readonly files = new Map<string, string>();
  /** All uploads of a path, in their order. */
  readonly uploads = new Map<string, string[]>();
  isAway = false;
  /** How often it was asked for a model. */
  #asked = 0;

  private constructor(scripted: ScriptedMlflow) {
    this.#scripted = scripted;
    scripted.rule((seen) => this.#react(seen));
  }

  static async start(t: Pick<ExecutionContext, "teardown">): Promise<GatewayServer> {
    return new GatewayServer(await ScriptedMlflow.start(t));
  }

  get url(): string {
    return this.#scripted.url;
  }

  /** The run that a program knows by this id: the server's own, or one of the daemon's. */
  run(runId: string): ScriptedRun | undefined {
    const { runs } = this.#scripted.store;
    return runs.find(({ id, tags }) => id === runId || tags.get("stepwell.run_id") === runId);
  }

  /** The logged models of a run. */
  modelsOf({ id }: ScriptedRun): readonly ScriptedModel[] {
    return this.#scripted.store.models.all.filter(({ sourceRunId }) => sourceRunId === id);
  }

  /** Where a run's artifacts are. */
  rootOf({ experimentId, id }: ScriptedRun): string {
    return `${experimentId}/${id}/artifacts`;
  }

  #react({ method, path, body }: Seen): Reaction | undefined {
    if (this.isAway) return "break-before";
    const url = new URL(path, this.url);
    // It makes a model now and then, and nobody hears of it.
    if (method === "POST" && url.pathname.endsWith("/logged-models") && ++this.#asked % LOST_EACH === 0)
      return "break-after";
    if (url.pathname.endsWith("/experiments/get")) return json({ experiment: EXPERIMENT });
    if (url.pathname.endsWith("/runs/get")) return this.#show(url.searchParams.get("run_id") ?? "");
    if (method !== "PUT" || !url.pathname.startsWith(ARTIFACTS)) return undefined;
    const file = url.pathname.slice(ARTIFACTS.length);
    this.files.set(file, body);
    this.uploads.set(file, [...(this.uploads.get(file) ?? []), body]);
    return json({});
  }

  #show(runId: string): Reaction | undefined {
    const run = this.#scripted.store.runs.find(({ id }) => id === runId);
    if (!run) return undefined;
    const artifact_uri = `mlflow-artifacts:/${this.rootOf(run)}`;
    const info = { run_id: run.id, experiment_id: run.experimentId, status: run.status, artifact_uri };
    return json({ run: { info, data: {} } });
  }
}

function json(body: object): Reaction {
  return { status: 200, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
}
