/** Calls that are journaled as they are: in parts that the journal takes, all or none; and what is remembered of models. */
import { Readable } from "node:stream";
import test from "ava";
import type { GatewayAnswer } from "../../src/gateway/call.js";
import type { FlushedCalls } from "../../src/gateway/flushed-calls.js";
import type { Entries, GatewayRuns } from "../../src/gateway/gateway-runs.js";
import { LogCalls } from "../../src/gateway/log-calls.js";
import type { JsonObject } from "../../src/gateway/requests/body.js";
import { checkInputs } from "../../src/gateway/requests/journaled-calls.js";
import { readLogMetric } from "../../src/gateway/requests/log-requests.js";
import { readCreateRun } from "../../src/gateway/requests/run-requests.js";
import type { Routed } from "../../src/gateway/routed.js";
import { matchRoute } from "../../src/gateway/routes.js";
import { SeenModels } from "../../src/gateway/seen-models.js";
import { ApiDown, type TrackerApi } from "../../src/gateway/tracker-api.js";
import { GATEWAY_SEEN_MODELS_MAX, MESSAGE_BYTES_MAX } from "../../src/model/limits.js";
import type { Target } from "../../src/model/target.js";
import { openStore } from "../../src/store/store.js";
import { TABLES } from "../../src/store/tables.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";
import { NO_MODELS } from "../support/no-models.js";

const TARGET: Target = {
  trackerId: "0".repeat(32),
  tracker: "remote",
  backend: { kind: "rest", trackerId: "0".repeat(32), uri: "http://x", settings: {} },
};
const RUN_ID = "a".repeat(32);
const AWAY: TrackerApi = {
  pass: () => Promise.reject(new ApiDown("away")),
  ask: () => Promise.reject(new ApiDown("away")),
  close: () => Promise.resolve(),
};

/** Calls to a tracker that is away, and what of them is journaled. */
function callsOver(models: SeenModels) {
  const journaled: Entries[] = [];
  const log = (_target: unknown, _api: unknown, _runId: string, entries: Entries) => {
    journaled.push(entries);
    return Promise.resolve();
  };
  const calls = new LogCalls({
    ...{ models, clock: new SetClock(), runs: { log } as unknown as GatewayRuns },
    flushed: { pass: () => Promise.reject(new ApiDown("away")) } as unknown as FlushedCalls,
  });
  const ask = async (method: string, path: string, body?: JsonObject) => {
    const call = {
      ...{ method, path: `/api/2.0/mlflow/${path}`, search: "", programRunId: "", target: TARGET, api: AWAY },
      headers: { "content-type": "application/json" },
      body: Readable.from(body ? [Buffer.from(JSON.stringify(body))] : []),
      signal: new AbortController().signal,
    };
    return await calls.answer({ ...call, match: matchRoute(method, call.path) } satisfies Routed);
  };
  const bodies = () =>
    journaled.map(({ calls: said = [] }) => said.map(({ body }) => JSON.parse(body) as JsonObject));
  return { ask, journaled, bodies };
}

function shownIn(answer: GatewayAnswer): JsonObject {
  return JSON.parse(answer.kind === "text" ? answer.body : "{}") as JsonObject;
}

test("inputs that are large together are parts of one batch, each smaller; one that is too large is not taken", async (t) => {
  const store = await openStore(await scratchFolder(t));
  t.teardown(() => store.close());
  const { ask, bodies } = callsOver(await SeenModels.open(store, NO_MODELS));
  const dataset = (digest: string, bytes: number) => ({
    dataset: { name: "d", digest, source_type: "local", source: "{}", profile: "x".repeat(bytes) },
  });
  const inputs = (datasets: object[]) => ({ run_id: RUN_ID, datasets, models: [{ model_id: "m-1" }] });
  const large = [dataset("1", 3_000_000), dataset("2", 3_000_000)];
  await ask("POST", "runs/log-inputs", inputs(large));
  await ask("POST", "runs/log-inputs", inputs([dataset("3", 1)]));
  const [first] = large;
  t.deepEqual(bodies(), [
    [...large.map((each) => ({ datasets: [each] })), { models: [{ model_id: "m-1" }] }],
    [{ datasets: [dataset("3", 1)], models: [{ model_id: "m-1" }] }],
  ]);
  const tooLarge = inputs([first ?? {}, dataset("4", MESSAGE_BYTES_MAX)]);
  await t.throwsAsync(ask("POST", "runs/log-inputs", tooLarge), { instanceOf: ApiDown });
  t.is(bodies().length, 2, "nothing of it is kept");
});

test("a model goes on while its tracker is away, also for a daemon that was started since", async (t) => {
  const store = await openStore(await scratchFolder(t));
  t.teardown(() => store.close());
  const info = { model_id: "m-1", source_run_id: RUN_ID, status: "LOGGED_MODEL_PENDING" };
  const tags = ["gone", "stays"].map((key) => ({ key, value: "" }));
  await (await SeenModels.open(store, NO_MODELS)).saw(TARGET, { model: { info: { ...info, tags } } });
  const { ask, journaled } = callsOver(await SeenModels.open(store, NO_MODELS));
  const model = "logged-models/m-1";
  await ask("DELETE", `${model}/tags/gone`);
  await t.throwsAsync(ask("DELETE", `${model}/tags/gone`), { message: /^No tag with key 'gone' found/ });
  const answer = await ask("PATCH", model, { model_id: "m-1", status: "LOGGED_MODEL_READY" });
  t.like((shownIn(answer)["model"] as JsonObject)["info"] as object, {
    status: "LOGGED_MODEL_READY",
    tags: [{ key: "stays", value: "" }],
  });
  const asked = journaled.flatMap(({ calls = [] }) => calls.map(({ method, path }) => [method, path]));
  t.deepEqual(asked, [
    ["DELETE", `${model}/tags/gone`],
    ["PATCH", model],
  ]);
  t.like((await (await SeenModels.open(store, NO_MODELS)).find(TARGET, "m-1"))?.shown["info"] as object, {
    status: "LOGGED_MODEL_READY",
  });
  await t.throwsAsync(ask("PATCH", model, { model_id: "m-1" }), { message: /'status'/ });
  await t.throwsAsync(ask("PATCH", "logged-models/m-2", { model_id: "m-2", status: 2 }), {
    instanceOf: ApiDown,
  });
});

test("of very many models those that were seen longest ago are forgotten at a start", async (t) => {
  const store = await openStore(await scratchFolder(t));
  t.teardown(() => store.close());
  const rows = [1, 2, GATEWAY_SEEN_MODELS_MAX + 1].map((number) => ({
    ...{ table: TABLES.gatewayModel, key: `${TARGET.trackerId}/m-${number}` },
    value: { shown: {}, number },
  }));
  await store.write(rows, { sync: false });
  const models = await SeenModels.open(store, NO_MODELS);
  t.is(await models.find(TARGET, "m-1"), undefined);
  t.truthy(await models.find(TARGET, "m-2"));
  await models.saw(TARGET, { model: { info: { model_id: "m-new" } } });
  t.is((await models.find(TARGET, "m-new"))?.number, GATEWAY_SEEN_MODELS_MAX + 2);
});

test("optional fields have protobuf's other spelling, too; numbers and texts that are none are refused", (t) => {
  const point = { key: "k", value: 1, timestamp: 2, run_id: RUN_ID };
  t.is(readLogMetric({ ...point, modelId: "m-1" }).metrics[0]?.modelId, "m-1");
  t.throws(() => readLogMetric({ ...point, run_id: undefined, runId: RUN_ID }), { message: /'run_id'/ });
  t.throws(() => readLogMetric({ ...point, run_id: 5 }), { message: /'run_id'/ });
  const run = readCreateRun({
    experiment_id: "0",
    runName: "n",
    start_time: "1.7e12",
    tags: [{ key: "k", value: "v" }],
  });
  t.like(run, { experimentId: "0", runName: "n", startTimeMs: 1_700_000_000_000n, user: "" });
  for (const odd of [
    { start_time: 1.5 },
    { start_time: "abc" },
    { run_name: "\ud800" },
    { experiment_id: 1 },
  ])
    t.throws(
      () => readCreateRun({ experiment_id: "0", ...odd }),
      { message: /Invalid value/ },
      JSON.stringify(odd),
    );
  const model = { model_id: "\udfff" };
  t.throws(() => checkInputs({ run_id: RUN_ID, models: [model] }), { message: /Invalid value/ });
});
