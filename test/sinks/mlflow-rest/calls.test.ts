/** Calls of the API that are journaled: carried out once, however often they are asked for, or refused for good. */
import test, { type ExecutionContext } from "ava";
import { DOUBTFUL_ANSWERS_MAX } from "../../../src/model/limits.js";
import type { ApiCall } from "../../../src/model/pack.js";
import type { Sink } from "../../../src/sinks/sink.js";
import { ScriptedMlflow } from "../../support/scripted-mlflow.js";
import { pack, RUN_ID } from "../mlflow-sqlite/packs.js";
import { only, restSink } from "./rest.js";

const INPUTS: ApiCall = { method: "POST", path: "runs/log-inputs", body: '{"datasets":[]}', namesRun: true };
const PARAMS: ApiCall = {
  ...{ method: "POST", path: "logged-models/m-1/params", namesRun: false },
  body: '{"params":[{"key":"a","value":"1"},{"key":"b"}]}',
};
const TAKEN = '{"error_code":"BAD_REQUEST","message":"(sqlite3.IntegrityError) UNIQUE constraint failed"}';

async function setUp(t: ExecutionContext) {
  const server = await ScriptedMlflow.start(t);
  const sink = restSink(t, server.url);
  await sink.send([pack(1)]);
  return { server, sink };
}

async function send(sink: Sink, call: ApiCall) {
  return only(await sink.send([pack(2, [], { calls: [call] })]));
}

/** What the server says of the model. */
function showModel(server: ScriptedMlflow, params: readonly object[]): void {
  const body = JSON.stringify({ model: { info: { model_id: "m-1" }, data: { params } } });
  server.rule(({ method, path }) =>
    method === "GET" && path.includes("/logged-models/m-1") ? { status: 200, body } : undefined,
  );
}

test("a call goes as it is, with the id that the run has at the server", async (t) => {
  const { server, sink } = await setUp(t);
  t.deepEqual(await send(sink, INPUTS), { kind: "delivered", refused: [] });
  t.deepEqual(await send(sink, { ...INPUTS, body: "{}" }), { kind: "delivered", refused: [] });
  server.rule(({ path }) => (path.includes("/logged-models/") ? { status: 200, body: "{}" } : undefined));
  t.deepEqual(await send(sink, { ...PARAMS, method: "PATCH" }), { kind: "delivered", refused: [] });
  const { id } = server.store.run(RUN_ID);
  const sent = server.seen
    .slice(-3)
    .map(({ method, path, body }) => [method, path, JSON.parse(body) as unknown]);
  t.deepEqual(sent, [
    ["POST", "/api/2.0/mlflow/runs/log-inputs", { run_id: id, datasets: [] }],
    ["POST", "/api/2.0/mlflow/runs/log-inputs", { run_id: id }],
    ["PATCH", "/api/2.0/mlflow/logged-models/m-1/params", JSON.parse(PARAMS.body)],
  ]);
});

test("a model's params that the server has by now are delivered", async (t) => {
  const { server, sink } = await setUp(t);
  showModel(server, [
    { key: "b", value: "" },
    { key: "a", value: "1" },
  ]);
  server.once("/params", { status: 400, body: TAKEN });
  t.deepEqual(await send(sink, PARAMS), { kind: "delivered", refused: [] });
});

test("a model's params that have other values there are refused, once it is certain that it is them", async (t) => {
  const { server, sink } = await setUp(t);
  showModel(server, [{ key: "a", value: "2" }]);
  server.rule(({ path }) => (path.endsWith("/params") ? { status: 400, body: TAKEN } : undefined));
  for (let time = 0; time < DOUBTFUL_ANSWERS_MAX; time++) t.is((await send(sink, PARAMS)).kind, "retry");
  t.like(await send(sink, PARAMS), { kind: "refused", code: "STEPWELL_ENTRY_REFUSED" });
});

test("a tag of a model that is gone by now is removed; of a model that is gone it is refused", async (t) => {
  const { server, sink } = await setUp(t);
  const gone = { status: 404, body: '{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"none"}' };
  const remove: ApiCall = {
    method: "DELETE",
    path: "logged-models/m-1/tags/k%2Fl",
    body: "",
    namesRun: false,
  };
  server.rule(({ method }) => (method === "DELETE" ? gone : undefined));
  t.like(await send(sink, remove), { kind: "refused", code: "STEPWELL_MODEL_UNKNOWN" });
  showModel(server, []);
  t.deepEqual(await send(sink, remove), { kind: "delivered", refused: [] });
  const [asked] = server.of("/k%2Fl").slice(-1);
  t.like(asked, { method: "DELETE", path: "/api/2.0/mlflow/logged-models/m-1/tags/k%2Fl", body: "" });
});

test("outputs that a run has by now are delivered, those that it has not are sent again", async (t) => {
  const { server, sink } = await setUp(t);
  const outputs: ApiCall = {
    ...{ method: "POST", path: "runs/outputs", namesRun: true },
    body: '{"models":[{"model_id":"m-1","step":"0"}]}',
  };
  server.rule(({ path }) => (path.endsWith("/outputs") ? { status: 400, body: TAKEN } : undefined));
  t.is((await send(sink, outputs)).kind, "retry");
  const body = JSON.stringify({ run: { outputs: { model_outputs: [{ model_id: "m-1", step: 0 }] } } });
  server.rule(({ path }) => (path.includes("/runs/get?") ? { status: 200, body } : undefined));
  t.deepEqual(await send(sink, outputs), { kind: "delivered", refused: [] });
});

test("what the server refuses, and what it knows no model for, is refused for good", async (t) => {
  const { server, sink } = await setUp(t);
  const body = '{"error_code":"INVALID_PARAMETER_VALUE","message":"no"}';
  server.once("/log-inputs", { status: 400, body });
  t.like(await send(sink, INPUTS), { kind: "refused", code: "STEPWELL_ENTRY_REFUSED" });
  t.like(await send(sink, PARAMS), { kind: "refused", code: "STEPWELL_MODEL_UNKNOWN" });
});

test("a call waits for a server that is away, and for one that fails at everything", async (t) => {
  const { server, sink } = await setUp(t);
  server.once("/log-inputs", "break-before");
  t.is((await send(sink, INPUTS)).kind, "retry");
  server.rule(({ method }) => (method === "POST" ? { status: 500, body: "" } : undefined));
  for (let time = 0; time < 2 * DOUBTFUL_ANSWERS_MAX; time++) t.is((await send(sink, INPUTS)).kind, "retry");
});
