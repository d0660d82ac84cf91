/** Logged models that are made while their tracker is away, or does not say whether it made them. */
import { Readable } from "node:stream";
import test, { type ExecutionContext } from "ava";
import { BegunModels } from "../../src/gateway/begun-models.js";
import { jsonAnswer } from "../../src/gateway/call.js";
import { SeenExperiments } from "../../src/gateway/experiments.js";
import { FlushedCalls } from "../../src/gateway/flushed-calls.js";
import type { Entries, GatewayRuns } from "../../src/gateway/gateway-runs.js";
import { IdsThere } from "../../src/gateway/ids-there.js";
import type { KnownRuns } from "../../src/gateway/known-runs.js";
import { readText } from "../../src/gateway/read-text.js";
import type { JsonObject } from "../../src/gateway/requests/body.js";
import type { Routed } from "../../src/gateway/routed.js";
import { matchRoute } from "../../src/gateway/routes.js";
import type { RunHistory } from "../../src/gateway/run-history.js";
import { SeenModels } from "../../src/gateway/seen-models.js";
import { ApiDown, NotMadeYet, type PassedRequest, type TrackerApi } from "../../src/gateway/tracker-api.js";
import { begunBy } from "../../src/model/begun-model.js";
import type { Target } from "../../src/model/target.js";
import { BackendModels } from "../../src/runs/backend-models.js";
import type { Run } from "../../src/runs/run.js";
import type { RunBook } from "../../src/runs/run-book.js";
import type { Store } from "../../src/store/contract.js";
import { openStore } from "../../src/store/store.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";

const TRACKER = "0".repeat(32);
const TARGET: Target = {
  trackerId: TRACKER,
  tracker: "remote",
  backend: { kind: "rest", trackerId: TRACKER, uri: "http://x", settings: {} },
};
const RUN_ID = "a".repeat(32);
const API = "/api/2.0/mlflow";
const EXPERIMENT = { experiment_id: "1", name: "digits", artifact_location: "mlflow-artifacts:/1" };
const BODY = {
  ...{ experiment_id: "1", name: "net", source_run_id: RUN_ID, model_type: "linear" },
  params: [{ key: "depth", value: "3" }],
};

/** A tracker that a test lets answer, and the calls that are journaled for it. */
async function setUp(t: ExecutionContext, store?: Store) {
  const kept = store ?? (await openStore(await scratchFolder(t)));
  if (!store) t.teardown(() => kept.close());
  const clock = new SetClock();
  const passed: (Omit<PassedRequest, "body"> & { readonly said: JsonObject })[] = [];
  const state = {
    pass: async (): Promise<JsonObject> => {
      throw new ApiDown("refused", { isUnsent: true });
    },
    journaled: 0,
    version: "3.17.2" as string | undefined,
    journal: async () => undefined as unknown,
  };
  const api: TrackerApi = {
    pass: async ({ body, ...request }) => {
      const text = body ? await readText(body, 1 << 20) : "{}";
      passed.push({ ...request, said: JSON.parse(text || "{}") as JsonObject });
      return jsonAnswer(await state.pass());
    },
    ask: () => Promise.reject(new ApiDown("away")),
    close: async () => undefined,
  };
  const run = { runId: RUN_ID, start: {}, number: 1, targets: [TARGET], delivered: {} } as unknown as Run;
  const journaled: Entries[] = [];
  const runBook = {
    find: (runId: string) => (runId === RUN_ID ? run : undefined),
    journaled: () => ({ seq: state.journaled, points: 0, bytes: 0 }),
  } as unknown as RunBook;
  const runs = {
    find: async (runId: string) => runBook.find(runId),
    flush: async () => undefined,
    runsIn: async () => [],
    idAt: async (_: unknown, runId: string) => runId,
    log: async (_: unknown, __: unknown, ___: string, entries: Entries) => {
      await state.journal();
      journaled.push(entries);
      state.journaled += 1;
    },
  } as unknown as GatewayRuns;
  const experiments = new SeenExperiments(kept);
  await experiments.saw(TARGET, EXPERIMENT);
  const backendModels = new BackendModels(kept, runBook, clock);
  const models = await SeenModels.open(kept, backendModels);
  const ids = new IdsThere({ runs, experiments, backendModels });
  const answers = { version: async () => state.version };
  const begun = new BegunModels({ runs, models, backendModels, experiments, answers, clock });
  const history = { over: async (model: JsonObject) => model } as unknown as RunHistory;
  const known = {} as KnownRuns;
  const calls = new FlushedCalls({ runs, models, begun, ids, history, known });
  const ask = async (method: string, path: string, body?: JsonObject, search = ""): Promise<JsonObject> => {
    const call = {
      ...{ method, path: `${API}/${path}`, search, programRunId: "", target: TARGET, api },
      headers: { "content-type": "application/json" },
      body: Readable.from(body ? [Buffer.from(JSON.stringify(body))] : []),
      signal: new AbortController().signal,
    };
    const answer = await calls.answer({ ...call, match: matchRoute(method, call.path) } satisfies Routed);
    return JSON.parse(answer.kind === "text" ? answer.body : "{}") as JsonObject;
  };
  /** Makes a model; answers what its program is told. */
  const make = async (more: JsonObject = {}) => {
    const { model } = await ask("POST", "logged-models", { ...BODY, ...more });
    return (model as JsonObject)["info"] as JsonObject & { readonly model_id: string };
  };
  const rowOf = async (modelId: string) => await backendModels.find(modelId, TRACKER);
  return { ask, make, state, passed, journaled, kept, backendModels, rowOf, experiments };
}

test("a model is begun in its run's journal before it is answered, and is known by our id and by its server's from then on", async (t) => {
  const { ask, make, state, passed, journaled, kept, backendModels, rowOf } = await setUp(t);
  const info = await make();
  const { model_id: id } = info;
  t.regex(id, /^m-[0-9a-f]{32}$/);
  t.like(info, {
    ...{ name: "net", status: "LOGGED_MODEL_PENDING", source_run_id: RUN_ID, experiment_id: "1" },
    artifact_uri: `mlflow-artifacts:/1/models/${id}/artifacts`,
  });
  const [entries] = journaled;
  t.is(entries?.onlyTrackerId, TRACKER);
  const [call] = entries?.calls ?? [];
  t.deepEqual(call && begunBy(call), {
    ...{ modelId: id, experimentName: "digits", name: "net", modelType: "linear" },
    ...{ params: BODY.params, tags: [] },
  });
  t.is((await rowOf(id))?.kind, "begun", "what reached nobody need not be looked for");
  t.deepEqual(passed[0]?.said["tags"], [{ key: "stepwell.model_id", value: id }]);
  const named = { filter: "name = 'net'", experiment_ids: ["1"] };
  t.is(((await ask("POST", "logged-models/search", named))["models"] as unknown[]).length, 1);
  // For the daemon that is started next, too.
  const next = await setUp(t, kept);
  const shown = async (modelId: string) => (await next.ask("GET", `logged-models/${modelId}`))["model"];
  t.like(await shown(id), { info });
  t.regex((await make({ name: "" }))["name"] as string, /^[a-z]+-[a-z]+-\d+$/);

  const there = `m-${"f".repeat(32)}`;
  await backendModels.keep(id, TRACKER, {
    ...{ kind: "known", runId: RUN_ID, begunMs: 1, modelIdThere: there, experimentId: "1" },
  });
  t.like(await shown(there), { info }, "the same model");
  state.pass = async () => ({ model: { info: { model_id: there, name: "seen" } } });
  await ask("GET", `logged-models/${id}`);
  t.is(passed.at(-1)?.path, `${API}/logged-models/${there}`);
  await ask("GET", `logged-models/${id}/artifacts/directories`, undefined, `?x=${id}`);
  t.like(passed.at(-1), {
    path: `${API}/logged-models/${there}/artifacts/directories`,
    search: `?x=${there}`,
  });
  t.like((await next.kept.get("gateway-model", `${TRACKER}/${id}`)) as object, {
    shown: { info: { name: "seen" } },
  });
});

test("a request that may have reached the tracker is looked for there by the tag that it had", async (t) => {
  const { make, state, passed, rowOf, backendModels } = await setUp(t);
  state.pass = () => Promise.reject(new ApiDown("broke off"));
  const { model_id: id } = await make({ tags: [{ key: "of", value: "a test" }] });
  t.deepEqual(passed[0]?.said["tags"], [
    { key: "of", value: "a test" },
    { key: "stepwell.model_id", value: id },
  ]);
  t.like(await rowOf(id), { kind: "asked", experimentId: "1" });
  t.not(backendModels.askedMs(id), undefined);
});

test("what the tracker answers its program gets, and nothing of it is kept", async (t) => {
  const { ask, make, state, passed, journaled, rowOf } = await setUp(t);
  state.pass = async () => ({ model: { info: { model_id: "m-1" } } });
  t.is((await make()).model_id, "m-1");
  t.deepEqual(journaled, []);
  const [tag] = (passed[0]?.said["tags"] ?? []) as { value: string }[];
  t.truthy(tag?.value);
  t.is(await rowOf(tag?.value ?? ""), undefined);
  t.truthy((await ask("POST", "logged-models", { ...BODY, experiment_id: 5 }))["model"], "as it came");
  t.is(passed.at(-1)?.said["tags"], undefined);
});

test("a model is begun only where its tracker can make it, and its artifacts can follow; the rest is refused as MLflow does", async (t) => {
  const { ask, make, state, journaled, experiments } = await setUp(t);
  const refused = async (more: JsonObject, message: RegExp) => {
    const error = await t.throwsAsync(make(more), { message });
    return error;
  };
  t.true((await refused({ source_run_id: "" }, /refused/)) instanceof ApiDown, "no lane can carry it");
  t.true((await refused({ source_run_id: "b".repeat(32) }, /refused/)) instanceof ApiDown);
  t.true((await refused({ experiment_id: "2" }, /away/)) instanceof ApiDown, "nobody knows it");
  await experiments.saw(TARGET, { ...EXPERIMENT, experiment_id: "3", artifact_location: "s3://x/3" });
  t.true((await refused({ experiment_id: "3" }, /refused/)) instanceof ApiDown);
  await refused({ name: "a/b" }, /^Invalid model name \('a\/b'\)/);
  await refused({ params: [...BODY.params, ...BODY.params] }, /stands twice/);
  state.version = "2.22.0";
  await refused({}, /refused/);
  state.version = "3.0.0";
  state.journal = () => Promise.reject(new Error("full"));
  await refused({}, /full/);
  t.deepEqual(journaled, []);
  t.deepEqual(
    await ask("POST", "logged-models/search", { filter: "name = 'net'", experiment_ids: ["1"] }),
    {},
  );
});

test("what names a model that is not made yet is not asked of the tracker; one that never will be keeps its id", async (t) => {
  const { ask, make, state, passed } = await setUp(t);
  const { model_id: id } = await make();
  state.pass = async () => ({});
  const search = { experiment_ids: ["1"], filter: `source = '${id}'` };
  await t.throwsAsync(ask("POST", "model-versions/create", { run_id: RUN_ID, model_id: id }), {
    instanceOf: NotMadeYet,
  });
  t.is(passed.length, 1);
  state.journaled = 0;
  await ask("POST", "logged-models/search", search);
  t.is(passed.at(-1)?.said["filter"], search.filter);
});

test("a model that is deleted while its tracker is away is gone for its program, and goes in its run's order", async (t) => {
  const { ask, make, journaled, state } = await setUp(t);
  const { model_id: id } = await make();
  t.deepEqual(await ask("DELETE", `logged-models/${id}`), {});
  t.like(journaled[1]?.calls?.[0], { method: "DELETE", path: `logged-models/${id}`, body: "" });
  await t.throwsAsync(ask("GET", `logged-models/${id}`), {
    message: `Logged model with ID '${id}' not found.`,
  });
  t.truthy((await ask("GET", `logged-models/${id}`, undefined, "?allow_deleted=true"))["model"]);
  t.deepEqual(
    await ask("POST", "logged-models/search", { filter: "name = 'net'", experiment_ids: ["1"] }),
    {},
  );
  await t.throwsAsync(ask("DELETE", "logged-models/m-1"), { instanceOf: ApiDown });
  // One that the tracker deletes.
  const { model_id: other } = await make();
  state.journaled = 0;
  state.pass = async () => ({});
  await ask("DELETE", `logged-models/${other}`);
  state.pass = () => Promise.reject(new ApiDown("away"));
  await t.throwsAsync(ask("GET", `logged-models/${other}`), { message: /not found/ });
});
