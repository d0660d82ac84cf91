/**
 * Logged models that the daemon began while their server was away: made once (once.ts), each with our id as a tag, when
 * the lane of their run reaches them. From there on packs speak of them by the server's ids; those of other runs wait.
 */
import { DIALECTS } from "../../mlflow/dialect.js";
import { bodyOf, ServerFault } from "../../mlflow/server-fault.js";
import type { Session } from "../../mlflow/session.js";
import type { JsonObject } from "../../mlflow/verdict.js";
import { type BegunModel, begunBy, callOf, MODEL_ID_TAG } from "../../model/begun-model.js";
import type { Clock } from "../../model/clock.js";
import { modelIdsIn, withModelIds } from "../../model/model-id.js";
import type { ApiCall, KeyValue, Pack } from "../../model/pack.js";
import type { RunStart } from "../../model/run.js";
import type { BackendModel, ServerBackend } from "../../model/target.js";
import type { ModelIds } from "../model-ids.js";
import type { RunIds } from "../run-ids.js";
import { ensureExperiment, type KnownExperiments } from "./experiments.js";
import { OnceMaker, withoutId } from "./once.js";

/** A model that the server has. */
type KnownModel = BackendModel & { readonly kind: "known" };

/** The run that a model is of. */
interface OfRun {
  readonly runId: string;
  readonly mlflowRunId: string;
  readonly start: RunStart;
}

export interface ModelMakerOptions {
  readonly backend: ServerBackend;
  readonly runIds: Pick<RunIds, "find">;
  readonly modelIds: ModelIds;
  readonly clock: Clock;
}

export class ModelMaker {
  readonly #options: ModelMakerOptions;
  readonly #experiments: KnownExperiments = new Map();
  readonly #once: OnceMaker<BackendModel>;

  constructor(options: ModelMakerOptions) {
    this.#options = options;
    const { clock, modelIds } = options;
    this.#once = new OnceMaker({
      clock,
      keep: (modelId, value) => modelIds.keep(modelId, value),
      askedMs: (modelId) => modelIds.askedMs(modelId),
    });
  }

  /** The model at the server, made there if it never was. Throws a ServerFault. */
  async ensure(session: Session, model: BegunModel, run: OfRun): Promise<KnownModel> {
    const { modelId } = model;
    const { runId, mlflowRunId } = run;
    const before = await this.#options.modelIds.find(modelId);
    if (before?.kind === "known") return before;
    const of = { runId, begunMs: before?.begunMs ?? 0 };
    if (before?.kind === "asked") {
      const { experimentId } = before;
      const find = () => modelByTag(session, modelId, experimentId);
      const there = await this.#once.sought(session, modelId, "make the model", find);
      // With what it was made is not known.
      if (there !== undefined)
        return await this.#keep(modelId, {
          ...{ ...of, kind: "known", modelIdThere: there, experimentId, isBare: true },
        });
    }
    const experimentId = await this.#experimentOf(session, model, run);
    const ours = { key: MODEL_ID_TAG, value: modelId };
    const bare = { experiment_id: experimentId, name: model.name, source_run_id: mlflowRunId, tags: [ours] };
    const { params, tags, modelType } = model;
    const whole = { ...bare, model_type: modelType, params, tags: [...tags, ours] };
    const { body, isBare } = await this.#once.ask({
      ...{ id: modelId, asked: { ...of, kind: "asked", experimentId }, unasked: { ...of, kind: "begun" } },
      send: (bareOne) => session.post("logged-models", bareOne ? bare : whole),
    });
    const there = idOf(body["model"]);
    if (there === undefined) throw withoutId(session, "model");
    const known = { ...of, kind: "known", modelIdThere: there, experimentId } as const;
    return await this.#keep(modelId, isBare ? { ...known, isBare } : known);
  }

  /** What was said when it began is set. */
  async keepWhole(modelId: string, known: KnownModel): Promise<void> {
    await this.#options.modelIds.keep(modelId, { ...known, isBare: false });
  }

  /** A pack with the ids that its models have at the server. Throws a ServerFault for one that the server will have. */
  async translated(pack: Pack): Promise<Pack> {
    const ids = await this.#idsThere(pack);
    if (ids.size === 0) return pack;
    const text = (each: KeyValue) => ({ key: each.key, value: withModelIds(each.value, ids) });
    const { metrics, params, tags, calls } = pack;
    return {
      ...pack,
      params: params.map(text),
      tags: tags.map(text),
      metrics: { ...metrics, modelIds: metrics.modelIds.map((id) => ids.get(id) ?? id) },
      calls: calls.map((call) => withIds(call, ids)),
    };
  }

  /** The server's ids of models that the daemon began, by ours. */
  async #idsThere({ runId, metrics, params, tags, calls }: Pack): Promise<ReadonlyMap<string, string>> {
    const { modelIds } = this.#options;
    const texts = [...params, ...tags].map(({ value }) => value);
    const said = [...metrics.modelIds, ...texts, ...calls.flatMap(({ path, body }) => [path, body])];
    const there = new Map<string, string>();
    for (const id of new Set(said.flatMap(modelIdsIn))) {
      const known = await modelIds.find(id);
      if (known?.kind === "known") there.set(id, known.modelIdThere);
      // Its own lane is past where it was to be made: it never will be.
      else if (known && known.runId !== runId && modelIds.isExpected(known)) throw notYet(id);
    }
    return there;
  }

  async #experimentOf(session: Session, model: BegunModel, { runId, start }: OfRun): Promise<string> {
    const { runIds, backend } = this.#options;
    const run = model.experimentName === start.experimentName ? await runIds.find(runId) : undefined;
    if (run) return run.experimentId;
    const name = DIALECTS[backend.kind].experimentName(model.experimentName);
    return await ensureExperiment(session, name, this.#experiments);
  }

  async #keep(modelId: string, known: KnownModel): Promise<KnownModel> {
    await this.#options.modelIds.keep(modelId, known);
    this.#once.isKept(modelId);
    return known;
  }
}

/** A call with other ids of models; what begins a model says ours. */
function withIds(call: ApiCall, ids: ReadonlyMap<string, string>): ApiCall {
  const there = { ...call, path: withModelIds(call.path, ids), body: withModelIds(call.body, ids) };
  const begun = begunBy(call);
  return begun ? callOf({ ...begun, ...begunBy(there), modelId: begun.modelId }) : there;
}

/** The server's id of the model that has our id as its tag. Throws a ServerFault. */
async function modelByTag(
  session: Session,
  modelId: string,
  experimentId: string,
): Promise<string | undefined> {
  const request = {
    experiment_ids: [experimentId],
    filter: `tags.\`${MODEL_ID_TAG}\` = '${modelId}'`,
    order_by: [{ field_name: "creation_timestamp", ascending: true }],
    max_results: 10,
  };
  const { models } = bodyOf(await session.post("logged-models/search", request, "search"));
  return Array.isArray(models) ? idOf(models[0]) : undefined;
}

function idOf(model: unknown): string | undefined {
  const { model_id: id } = ((model as JsonObject | undefined)?.["info"] ?? {}) as JsonObject;
  return typeof id === "string" && id !== "" ? id : undefined;
}

function notYet(modelId: string): ServerFault {
  const reason = `The logged model ${modelId} of another run is not made yet.`;
  const fault = { code: "STEPWELL_SERVER_BUSY", reason, isAmbiguous: false, isOverloaded: false } as const;
  return new ServerFault({ kind: "retry", scope: "run", ...fault });
}
