/**
 * Calls of MLflow's API that a run's journal holds: what no entry stands for. Each is asked for again until the server
 * has carried it out, or says that it never will; those that are journaled do the same twice as once.
 */
import { type BadVerdict, runGone, ServerFault } from "../../mlflow/server-fault.js";
import type { Session } from "../../mlflow/session.js";
import type { JsonObject } from "../../mlflow/verdict.js";
import { type BegunModel, begunBy } from "../../model/begun-model.js";
import { DOUBTFUL_ANSWERS_MAX } from "../../model/limits.js";
import type { ApiCall, Pack } from "../../model/pack.js";
import { RUN_ID_TAG } from "./find-run.js";
import type { ModelMaker } from "./models.js";
import type { RunState } from "./run-state.js";

/** What calls go with. */
export interface CallOptions {
  readonly session: Session;
  readonly run: RunState;
  readonly pack: Pick<Pack, "runId" | "start" | "calls">;
  readonly models: ModelMaker;
  /** Whether the server has logged models. */
  readonly knowsModels: boolean;
}

/** Carries calls out, in order. Throws a ServerFault; a verdict of "gone" says that the server never will. */
export async function carryOut(options: CallOptions): Promise<void> {
  for (const call of options.pack.calls) {
    const model = begunBy(call);
    await (model ? makeModel(options, model) : carryOutOne(options, call));
  }
  options.run.doubtfulAnswers = 0;
}

/** Makes a model that the daemon began, with all that was said of it then. */
async function makeModel(options: CallOptions, model: BegunModel): Promise<void> {
  const { session, run, pack, models, knowsModels } = options;
  const { runId, start } = pack;
  if (!knowsModels || !start)
    throw never({ code: "STEPWELL_MODEL_UNKNOWN", reason: `${session.baseUrl} has no logged models.` });
  const known = await models
    .ensure(session, model, { runId, mlflowRunId: run.mlflowRunId, start })
    .catch((error: unknown) => modelNotMade(options, error));
  if (!known.isBare) return;
  const path = `logged-models/${encodeURIComponent(known.modelIdThere)}`;
  const { params, tags } = model;
  const of = (said: object) => ({ body: JSON.stringify(said), namesRun: false });
  if (params.length > 0)
    await carryOutOne(options, { method: "POST", path: `${path}/params`, ...of({ params }) });
  if (tags.length > 0) await carryOutOne(options, { method: "PATCH", path: `${path}/tags`, ...of({ tags }) });
  await models.keepWhole(model.modelId, known);
}

/** Throws what follows from a server's answer to a model: one that it will never make is no reason to wait. */
async function modelNotMade(options: CallOptions, error: unknown): Promise<never> {
  if (!(error instanceof ServerFault)) throw error;
  const { verdict } = error;
  switch (verdict.kind) {
    case "refused":
    case "too-large":
    case "missing":
    case "exists":
      throw never(verdict);
    case "doubtful":
      return await giveUpAlone(options, verdict);
    case "gone":
    case "hold":
    case "retry":
      throw error;
  }
}

async function carryOutOne(options: CallOptions, call: ApiCall): Promise<void> {
  const { session, run } = options;
  const content = call.namesRun
    ? `{"run_id":${JSON.stringify(run.mlflowRunId)}${behind(call.body)}`
    : call.body;
  const body = content === "" ? undefined : Buffer.from(content);
  const verdict = await session.call(call.method, call.path, body);
  switch (verdict.kind) {
    case "ok":
    case "exists":
      return;
    case "missing":
      // A tag that is gone by now, or was removed by a request whose answer did not come.
      if (call.method === "DELETE" && (await modelOf(session, call))) return;
      // Of the run, or of the model that it is about.
      throw call.namesRun ? runGone(verdict) : never({ ...verdict, code: "STEPWELL_MODEL_UNKNOWN" });
    case "refused":
    case "too-large":
      throw never(verdict);
    case "doubtful":
      return await settleDoubt(options, call, verdict);
    case "gone":
    case "hold":
    case "retry":
      throw new ServerFault(verdict);
  }
}

/** Perhaps the server has carried it out already; perhaps it fails at this call and at nothing else. */
async function settleDoubt(options: CallOptions, call: ApiCall, verdict: BadVerdict): Promise<void> {
  const { session, run } = options;
  if ((await hasModelParams(session, call)) || (await hasOutputs(session, run, call))) return;
  await giveUpAlone(options, verdict);
}

/** Throws: a call is given up that the server fails at again and again while it takes something else. */
async function giveUpAlone({ session, run, pack }: CallOptions, verdict: BadVerdict): Promise<never> {
  if (++run.doubtfulAnswers <= DOUBTFUL_ANSWERS_MAX) throw new ServerFault(verdict);
  const tag = { run_id: run.mlflowRunId, key: RUN_ID_TAG, value: pack.runId };
  const { kind } = await session.post("runs/set-tag", tag);
  throw kind === "ok" ? never({ ...verdict, code: "STEPWELL_ENTRY_REFUSED" }) : new ServerFault(verdict);
}

/** A model's params can be set once: the second time a server's database fails at them. */
async function hasModelParams(session: Session, call: ApiCall): Promise<boolean> {
  if (!/^logged-models\/[^/]+\/params$/.test(call.path)) return false;
  const model = await modelOf(session, call);
  if (!model) return false;
  const there = new Map(textsIn(model["data"]).map(({ key, value }) => [key, value]));
  return textsIn(JSON.parse(call.body)).every(({ key, value }) => there.get(key) === value);
}

/** So can a run's outputs. */
async function hasOutputs(session: Session, { mlflowRunId }: RunState, call: ApiCall): Promise<boolean> {
  if (call.path !== "runs/outputs") return false;
  const verdict = await session.get("runs/get", { run_id: mlflowRunId });
  const run = verdict.kind === "ok" ? (verdict.body["run"] as JsonObject | undefined) : undefined;
  const outputs = (run?.["outputs"] ?? {}) as JsonObject;
  const there = new Set(objectsIn(outputs["model_outputs"]).map((each) => each["model_id"]));
  const { models } = JSON.parse(call.body) as JsonObject;
  return objectsIn(models).every((each) => there.has(each["model_id"]));
}

/** The model that a call is about, as the server has it; undefined where it has none. */
async function modelOf(session: Session, { path }: ApiCall): Promise<JsonObject | undefined> {
  const [model] = /^logged-models\/[^/]+/.exec(path) ?? [];
  const verdict = model === undefined ? undefined : await session.get(model, {});
  return verdict?.kind === "ok" ? ((verdict.body["model"] ?? {}) as JsonObject) : undefined;
}

function textsIn(object: unknown): { readonly key: unknown; readonly value: unknown }[] {
  const { params } = (object ?? {}) as JsonObject;
  return objectsIn(params).map(({ key, value }) => ({ key, value: value ?? "" }));
}

function objectsIn(list: unknown): readonly JsonObject[] {
  return Array.isArray(list) ? (list as JsonObject[]) : [];
}

/** What stands behind the first brace of an object, with a comma before it where there is anything. */
function behind(object: string): string {
  const rest = object.slice(object.indexOf("{") + 1);
  return /^\s*\}/.test(rest) ? rest : `,${rest}`;
}

/** The server will not do it, however often it is asked. */
function never({ code, reason }: Pick<BadVerdict, "code" | "reason">): ServerFault {
  return new ServerFault({ kind: "gone", code, reason });
}
