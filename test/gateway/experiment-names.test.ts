import { Readable } from "node:stream";
import test, { type ExecutionContext } from "ava";
import type { Absence } from "../../src/gateway/absence.js";
import type { Artifacts } from "../../src/gateway/artifacts/artifacts.js";
import { type GatewayAnswer, jsonAnswer } from "../../src/gateway/call.js";
import { SeenExperiments } from "../../src/gateway/experiments.js";
import { Gateway } from "../../src/gateway/gateway.js";
import { GatewayRuns, type GatewayRunsOptions } from "../../src/gateway/gateway-runs.js";
import { IdsThere } from "../../src/gateway/ids-there.js";
import type { KnownAnswers } from "../../src/gateway/known-answers.js";
import { KnownRuns } from "../../src/gateway/known-runs.js";
import { KnownSearch } from "../../src/gateway/local/known-search.js";
import { readText } from "../../src/gateway/read-text.js";
import type { JsonObject } from "../../src/gateway/requests/body.js";
import type { RunHistory } from "../../src/gateway/run-history.js";
import { RunStages } from "../../src/gateway/run-stages.js";
import { SeenModels } from "../../src/gateway/seen-models.js";
import { ApiDown, type TrackerApi } from "../../src/gateway/tracker-api.js";
import type { Target } from "../../src/model/target.js";
import type { BackendModels } from "../../src/runs/backend-models.js";
import type { Run } from "../../src/runs/run.js";
import { openStore } from "../../src/store/store.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";
import { NO_MODELS } from "../support/no-models.js";

const TARGET: Target = {
  trackerId: "0".repeat(32),
  tracker: "remote",
  backend: { kind: "databricks", trackerId: "0".repeat(32), uri: "databricks", settings: {} },
};

/** A gateway with one tracker, whose parts but those that a test gives are not asked. */
async function gatewayAt(
  t: ExecutionContext,
  api: TrackerApi,
  runs: object = {},
  knownOf: (experiments: SeenExperiments) => KnownRuns = () => ({}) as KnownRuns,
): Promise<(method: string, path: string, search: string, body: string, more?: object) => Promise<Answered>> {
  const store = await openStore(await scratchFolder(t));
  t.teardown(() => store.close());
  const experiments = new SeenExperiments(store);
  const gateway = new Gateway({
    ...{ runs: runs as GatewayRuns, experiments, models: await SeenModels.open(store, NO_MODELS) },
    backendModels: NO_MODELS as BackendModels,
    ids: new IdsThere({ runs: runs as GatewayRuns, experiments, backendModels: NO_MODELS }),
    ...{ history: {} as RunHistory, known: knownOf(experiments), answers: {} as KnownAnswers },
    traces: { answer: (call, pass) => pass(call) },
    ...{ artifacts: {} as Artifacts, clock: new SetClock(), openApi: () => api },
  });
  return async (method, path, search, body, more) => {
    const answer = await gateway.answer({
      ...{ method, path, search, target: TARGET, programRunId: "" },
      headers: { "content-type": "application/json", "content-length": String(body.length), ...more },
      body: Readable.from([Buffer.from(body)]),
      signal: new AbortController().signal,
    });
    const { status, headers } = answer;
    return { status, headers, json: JSON.parse(answer.kind === "text" ? answer.body : "{}") as JsonObject };
  };
}

interface Answered {
  readonly status: number;
  readonly headers: GatewayAnswer["headers"];
  readonly json: JsonObject;
}

const EXPERIMENTS = "/api/2.0/mlflow/experiments";

test("an experiment is asked for, and made, by the name that it has at the tracker", async (t) => {
  const asked: unknown[] = [];
  const api: TrackerApi = {
    pass: () => Promise.reject(new Error("nothing is passed on")),
    ask: (_method, path, content) => {
      asked.push([path.split("/").at(-1), content]);
      return Promise.resolve({ status: 200, body: { experiment_id: "7" } });
    },
    experimentName: (name) => `/${name}`,
    close: () => Promise.resolve(),
  };
  const ask = await gatewayAt(t, api);
  await ask("GET", `${EXPERIMENTS}/get-by-name`, "?experiment_name=digits", "");
  await ask("POST", `${EXPERIMENTS}/create`, "", '{"name": "digits", "tags": []}');
  await ask("GET", `${EXPERIMENTS}/get`, "?experiment_id=7", "");
  t.deepEqual(asked, [
    ["get-by-name", { experiment_name: "/digits" }],
    ["create", { name: "/digits", tags: [] }],
    ["get", { experiment_id: "7" }],
  ]);
});

test("ids that the daemon gave out are the tracker's own in whatever is passed on", async (t) => {
  const [ours, theirs] = ["a".repeat(32), "b".repeat(32)];
  let isAway = true;
  const passed: unknown[] = [];
  const api: TrackerApi = {
    pass: async ({ search, headers, body }) => {
      passed.push([search, headers["x-mlflow-experiment-id"], body ? await readText(body, 10_000) : ""]);
      return jsonAnswer({});
    },
    ask: (_method, _path, { experiment_name: name }) =>
      isAway
        ? Promise.reject(new ApiDown("away"))
        : Promise.resolve({ status: 200, body: { experiment: { experiment_id: "7", name } } }),
    close: () => Promise.resolve(),
  };
  const runs = {
    idAt: async (_target: Target, runId: string) => (runId === ours ? theirs : runId),
    runsIn: async () => [],
    flush: async () => undefined,
    suggestExperiment: async () => undefined,
  };
  const ask = await gatewayAt(t, api, runs);
  const post = async (path: string, search: string, body: string, more?: object) =>
    (await ask("POST", path, search, body, more)).json as { experiment_id?: string };
  const { experiment_id: id = "" } = await post(`${EXPERIMENTS}/create`, "", '{"name":"digits"}');
  t.regex(id, /^8\d{15}$/);
  isAway = false;
  const other = "8".repeat(16);
  const body = `{"experiment_ids":["${id}","${other}"],"of":"${ours}${ours}"}`;
  await post("/api/2.0/mlflow/runs/search", "", body);
  await post("/api/3.0/mlflow/traces", `?run=${ours}`, `{"request_metadata":{"r":"${ours}"},"e":"${id}"}`);
  await post("/v1/traces", "", `${id}`, {
    ...{ "content-type": "application/x-protobuf", "x-mlflow-experiment-id": id },
  });
  t.deepEqual(passed, [
    ["", undefined, `{"experiment_ids":["7","${other}"],"of":"${ours}${ours}"}`],
    [`?run=${theirs}`, undefined, `{"request_metadata":{"r":"${theirs}"},"e":"7"}`],
    ["", "7", `${id}`],
  ]);
});

test("a search while the tracker is away finds what is known, by any of a run's ids, and says that it is a part", async (t) => {
  const [parent, parentThere, child] = ["a".repeat(32), "b".repeat(32), "c".repeat(32)];
  let absence: Absence = "new";
  const api: TrackerApi = {
    pass: () => Promise.reject(new ApiDown("away", { absence, sinceMs: 5 })),
    ask: () => Promise.reject(new ApiDown("away", { absence, sinceMs: 5 })),
    close: () => Promise.resolve(),
  };
  const start = (experimentName: string) => ({
    start: { experimentName },
    targets: [TARGET],
    firstSeenMs: 1,
  });
  const book = new Map<string, object>([
    [parent, start("digits")],
    [child, start("digits")],
    ["d".repeat(32), start("another")],
    // It is open, or goes to a tracker that there is not.
    ["e".repeat(32), { ...start("digits"), targets: undefined }],
  ]);
  const tag = (key: string, value: string) => ({ key, value });
  const views: Record<string, JsonObject> = {
    [parent]: { info: { run_id: parentThere, experiment_id: "7" }, data: { tags: [tag("job", "1")] } },
    [child]: {
      info: { run_id: child, experiment_id: "7", start_time: 5 },
      data: { tags: [tag("mlflow.parentRunId", parent)], metrics: [{ key: "loss", value: "NaN" }] },
    },
  };
  const stages = new RunStages();
  const gatewayRuns = {
    ...{ stages, runsIn: async () => [...book.keys()].slice(1), flush: async () => undefined },
    here: async ({ runId }: { runId: string }) => views[runId] ?? { info: { experiment_id: "9" } },
    ...{ idAt: async (_: Target, id: string) => id, suggestExperiment: async () => undefined },
  };
  const told: unknown[] = [];
  const knownOf = (experiments: SeenExperiments) =>
    new KnownRuns({
      gatewayRuns: gatewayRuns as unknown as GatewayRuns,
      runs: { known: async (id) => run(id) },
      backendRuns: { ownId: async (id) => (id === parentThere ? parent : id) },
      ...{ experiments, search: new KnownSearch(), log: (_level, _text, facts) => told.push(facts) },
      views: { seenAt: () => [parent] },
    });
  const run = (runId: string) => ({ runId, ...book.get(runId) }) as Run;
  const ask = await gatewayAt(t, api, gatewayRuns, knownOf);
  const find = async (filter: string, experimentId = "7") => {
    const body = JSON.stringify({ experiment_ids: [experimentId], filter });
    const { status, json, headers } = await ask("POST", "/api/2.0/mlflow/runs/search", "", body);
    const runs = (json["runs"] ?? []) as { info: JsonObject }[];
    const ids = runs.map(({ info }) => info["run_id"]);
    return { status, ids, part: headers?.["x-stepwell-partial"] };
  };
  // It may be back in a moment, with all of it.
  t.is((await find("")).status, 503);
  absence = "lasting";
  const part = "tracker-away";
  t.deepEqual(await find(""), { status: 200, ids: [child, parentThere], part });
  t.deepEqual(await find("tags.job = '1'"), { status: 200, ids: [parentThere], part });
  for (const id of [parent, parentThere])
    t.deepEqual((await find(`tags.mlflow.parentRunId = '${id}'`)).ids, [child]);
  t.deepEqual((await find(`attributes.run_id = '${parentThere}' AND tags.job = '1'`)).ids, [parentThere]);
  t.deepEqual((await find("metrics.loss != 1")).ids, [child]);
  t.deepEqual((await find("", "8")).ids, []);
  t.is((await find("metrics.loss >")).status, 400);
  stages.set(TARGET, child, "deleted");
  t.deepEqual((await find("")).ids, [parentThere]);
  t.deepEqual(told, [{ tracker: "remote" }]);
  // An experiment that was made meanwhile is the daemon's alone, and so are its runs.
  absence = "new";
  const made = await ask("POST", `${EXPERIMENTS}/create`, "", '{"name":"digits"}');
  const [id] = [String(made.json["experiment_id"])];
  t.deepEqual(await find("", id), { status: 200, ids: [parentThere], part: undefined });
  absence = "lasting";
  const { json, headers } = await ask(
    "GET",
    `${EXPERIMENTS}/search`,
    "?filter=name%20LIKE%20'dig%25'&max_results=5",
    "",
  );
  t.deepEqual(
    (json["experiments"] as JsonObject[]).map(({ experiment_id: each }) => each),
    [id],
  );
  t.is(headers?.["x-stepwell-partial"], part);
});

test("a request waits for runs of its own tracker alone, and ids are replaced where they stand whole", async (t) => {
  const [ours, theirs, elsewhere] = ["a", "b", "c"].map((digit) => digit.repeat(32)) as [
    string,
    string,
    string,
  ];
  const made = new Map([[ours, theirs]]);
  const targetOf = { [ours]: TARGET, [elsewhere]: { ...TARGET, trackerId: "1".repeat(32) } };
  const runs = new GatewayRuns({
    backendRuns: {
      remembered: () => undefined,
      ownId: async (id: string) => id,
      find: async (id: string) => made.has(id) && { kind: "known", mlflowRunId: made.get(id) },
    },
    runs: {
      known: async (runId: string) => runId in targetOf && { runId, start: {}, targets: [targetOf[runId]] },
    },
  } as unknown as GatewayRunsOptions);
  t.true(await runs.isMade(TARGET, ours));
  t.true(await runs.isMade(TARGET, elsewhere), "it is never made here");
  t.true(await runs.isMade(TARGET, "d".repeat(32)));
  made.clear();
  t.false(await runs.isMade(TARGET, ours));
  made.set(ours, theirs);

  const experimentId = "8000000000000001";
  const ids = new IdsThere({ runs, experiments: { idAt: async () => "7" }, backendModels: NO_MODELS });
  t.is(
    await ids.in(
      TARGET,
      {} as TrackerApi,
      `${ours} ${experimentId} ${experimentId}000 x${ours} ${elsewhere}`,
    ),
    `${theirs} 7 ${experimentId}000 x${ours} ${elsewhere}`,
  );
});
