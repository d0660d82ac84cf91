import test from "ava";
import { type BegunModel, callOf } from "../../../src/model/begun-model.js";
import { LATE_MS } from "../../../src/model/limits.js";
import type { Pack } from "../../../src/model/pack.js";
import type { RunStart } from "../../../src/model/run.js";
import type { ModelIds } from "../../../src/sinks/model-ids.js";
import { SetClock } from "../../support/clock.js";
import { ScriptedMlflow } from "../../support/scripted-mlflow.js";
import { pointsOf } from "../../support/scripted-store.js";
import { OTHER_RUN_ID, pack, RUN_ID, rowsOf } from "../mlflow-sqlite/packs.js";
import { keptModelIds, keptRunIds, only, restSink } from "./rest.js";

test("points go with what they were measured with", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const rows = rowsOf([["own", 1n, 5n, 0.5]]);
  const metrics = { ...rows, modelIds: ["m-1"], datasets: [{ name: 'a "set"', digest: "d" }] };
  await restSink(t, server.url).send([pack(1, [], { metrics })]);
  const [sent] = server.of("runs/log-batch");
  t.like((JSON.parse(sent?.body ?? "") as { metrics: object[] }).metrics[0] as object, {
    ...{ model_id: "m-1", dataset_name: 'a "set"', dataset_digest: "d", value: 0.5 },
  });
});

test("what is in a workspace is asked for in it, and known experiments are those of it", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const sink = restSink(t, server.url);
  const start = pack(1).start as RunStart;
  const send = (runId: string, workspace: string) =>
    sink.send([pack(1, [], { runId, start: { ...start, ...(workspace === "" ? {} : { workspace }) } })]);
  await send("1".repeat(32), "team-a");
  await send("2".repeat(32), "");
  const named = server.seen.map(({ path, headers }) => [
    path.replace(/.*mlflow\/|\?.*/g, ""),
    headers["x-mlflow-workspace"],
  ]);
  const wanted = named.filter(([path]) => path === "experiments/get-by-name" || path === "runs/create");
  t.deepEqual(wanted, [
    ["experiments/get-by-name", "team-a"],
    ["runs/create", "team-a"],
    ["experiments/get-by-name", undefined],
    ["runs/create", undefined],
  ]);
});

test("a server without logged models, which ignores their ids, gets the points, and what it dropped is refused", async (t) => {
  const server = await ScriptedMlflow.start(t);
  server.once("/version", { status: 200, body: "2.22.0" });
  const rows = rowsOf([
    ["own", 1n, 5n, 0.5],
    ["of a model", 1n, 5n, 0.75],
  ]);
  const outcome = only(
    await restSink(t, server.url).send([pack(1, [], { metrics: { ...rows, modelIds: ["", "m-1"] } })]),
  );
  t.is(outcome.kind, "delivered");
  t.deepEqual(
    (outcome.kind === "delivered" ? outcome.refused : []).map(({ key, code }) => [key, code]),
    [["of a model", "STEPWELL_MODEL_UNKNOWN"]],
  );
  t.deepEqual(
    server
      .of("runs/log-batch")
      .map(({ body }) => (JSON.parse(body) as { metrics: unknown[] }).metrics.length),
    [2],
  );
});

/** A model that the daemon began, whose run's journal has it. */
const OURS = `m-${"a".repeat(32)}`;
const BEGUN: BegunModel = {
  ...{ modelId: OURS, experimentName: "digits", name: "net", modelType: "linear" },
  params: [{ key: "depth", value: "3" }],
  tags: [{ key: "of", value: "a test" }],
};

function begunPack(seq = 2, more: Partial<BegunModel> = {}): Pack {
  return pack(seq, [], { calls: [callOf({ ...BEGUN, ...more })] });
}

/** What a daemon keeps of the model before its lane reaches it. */
function begunIds(runId = RUN_ID) {
  const modelIds = keptModelIds();
  modelIds.kept.set(OURS, { kind: "begun", runId, begunMs: 1 });
  return modelIds;
}

const DELIVERED = { kind: "delivered", refused: [] };

test("a model that the daemon began is made once, of its run; all behind it speaks of it by the server's id", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const modelIds = begunIds();
  const sink = restSink(t, server.url, { modelIds });
  for (const each of [begunPack(), begunPack()]) t.deepEqual(only(await sink.send([each])), DELIVERED);
  const { id: runId, experimentId } = server.store.run(RUN_ID);
  const model = server.store.models.begunAs(OURS);
  t.like(model, { name: "net", type: "linear", experimentId, sourceRunId: runId });
  t.deepEqual(
    [...model.params, ...model.tags],
    [
      ["depth", "3"],
      ["of", "a test"],
      ["stepwell.model_id", OURS],
    ],
  );
  t.like(modelIds.kept.get(OURS), { kind: "known", modelIdThere: model.id, begunMs: 1 });
  const said = JSON.stringify({ models: [{ id: OURS }], not: `x${OURS}` });
  const rows = { ...rowsOf([["loss", 1n, 5n, 0.5]]), modelIds: [OURS] };
  const texts = { params: [{ key: "best", value: OURS }], tags: [{ key: "models", value: said }] };
  await sink.send([pack(3, [], { metrics: rows, ...texts })]);
  const { tags, params } = server.store.run(RUN_ID);
  t.deepEqual(
    [params.get("best"), tags.get("models")],
    [model.id, said.replace(`"${OURS}"`, `"${model.id}"`)],
  );
  t.like(pointsOf(server.store.run(RUN_ID))[0], { model_id: model.id });
  const outputs = {
    method: "POST",
    path: "runs/outputs",
    body: `{"models":[{"model_id":"${OURS}"}]}`,
    namesRun: true,
  };
  const end = {
    method: "PATCH",
    path: `logged-models/${OURS}`,
    body: `{"model_id":"${OURS}","status":"READY"}`,
  };
  await sink.send([pack(4, [], { calls: [outputs, { ...end, namesRun: false }] })]);
  t.deepEqual(JSON.parse(server.of("runs/outputs")[0]?.body ?? ""), {
    run_id: runId,
    models: [{ model_id: model.id }],
  });
  t.deepEqual([model.status, server.of(`logged-models/${model.id}`)[0]?.method], ["READY", "PATCH"]);
  // One that names another model.
  const child = `m-${"c".repeat(32)}`;
  modelIds.kept.set(child, { kind: "begun", runId: RUN_ID, begunMs: 1 });
  await sink.send([begunPack(5, { modelId: child, tags: [{ key: "of", value: OURS }] })]);
  t.is(server.store.models.begunAs(child).tags.get("of"), model.id);
});

for (const reaction of ["break-after", "half-after"] as const) {
  test(`a model whose creation was answered with ${reaction} is found, not made again, and has all that was said of it`, async (t) => {
    const server = await ScriptedMlflow.start(t);
    const modelIds = begunIds();
    const sink = restSink(t, server.url, { modelIds });
    await sink.send([pack(1)]);
    server.once("/logged-models", reaction);
    t.not(only(await sink.send([begunPack()])).kind, "delivered");
    t.deepEqual(only(await sink.send([begunPack()])), DELIVERED);
    t.is(server.store.models.all.length, 1);
    t.is(server.store.models.begunAs(OURS).params.get("depth"), "3");
    t.like(modelIds.kept.get(OURS), { isBare: false });
  });
}

test("a daemon that dies between the server's answer and its own note of it finds the model", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const modelIds = begunIds();
  const died: ModelIds = {
    ...modelIds,
    keep: async (modelId, value) => {
      if (value.kind === "known") throw new Error("SIGKILL");
      await modelIds.keep(modelId, value);
    },
  };
  const runIds = keptRunIds();
  t.is(only(await restSink(t, server.url, { modelIds: died, runIds }).send([begunPack()])).kind, "hold");
  t.deepEqual(only(await restSink(t, server.url, { modelIds, runIds }).send([begunPack()])), DELIVERED);
  t.is(server.store.models.all.length, 1);
});

test("a model that may still be made is looked for until that is over, whoever asked for it, and only then made", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const clock = new SetClock();
  const modelIds = begunIds();
  const sink = restSink(t, server.url, { clock, modelIds });
  await sink.send([pack(1)]);
  server.once("/logged-models", "break-before");
  t.is(only(await sink.send([begunPack()])).kind, "retry");
  clock.move(LATE_MS - 1_000);
  t.like(only(await sink.send([begunPack()])), { kind: "retry", afterMs: 1_000 });
  clock.move(1_000);
  t.deepEqual(only(await sink.send([begunPack()])), DELIVERED);
  // The gateway asked for another one just now.
  const other = `m-${"b".repeat(32)}`;
  const askedMs = clock.monotonicMs();
  const asked = { ...modelIds, askedMs: () => askedMs };
  const next = restSink(t, server.url, { clock, modelIds: asked });
  clock.move(LATE_MS - 2_000);
  modelIds.kept.set(other, { kind: "asked", runId: RUN_ID, begunMs: 1, experimentId: "1" });
  t.like(only(await next.send([begunPack(3, { modelId: other })])), { kind: "retry", afterMs: 2_000 });
  t.is(server.store.models.all.length, 1);
});

test("a model that the server refuses as it is is made without what was said of it, which alone is refused", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const sink = restSink(t, server.url, { modelIds: begunIds() });
  const refusal = { status: 400, body: '{"error_code":"INVALID_PARAMETER_VALUE","message":"bad depth"}' };
  server.rule(({ body }) => (body.includes("depth") ? refusal : undefined));
  t.like(only(await sink.send([begunPack()])), { kind: "refused", code: "STEPWELL_ENTRY_REFUSED" });
  const model = server.store.models.begunAs(OURS);
  t.deepEqual([model.params.size, model.name], [0, "net"]);
  const tag = {
    method: "PATCH",
    path: `logged-models/${OURS}/tags`,
    body: '{"tags":[{"key":"k","value":"v"}]}',
  };
  await sink.send([pack(3, [], { calls: [{ ...tag, namesRun: false }] })]);
  t.is(model.tags.get("k"), "v");
});

test("what another run says of a model waits until it is made; its own run does not wait for one that never will be", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const modelIds = begunIds(OTHER_RUN_ID);
  const sink = restSink(t, server.url, { modelIds });
  const measured = pack(1, [], { metrics: { ...rowsOf([["loss", 1n, 5n, 0.5]]), modelIds: [OURS] } });
  t.like(only(await sink.send([measured])), { kind: "retry", scope: "run", code: "STEPWELL_SERVER_BUSY" });
  t.deepEqual(only(await sink.send([{ ...begunPack(), runId: OTHER_RUN_ID }])), DELIVERED);
  t.deepEqual(only(await sink.send([measured])), DELIVERED);
  t.like(pointsOf(server.store.run(RUN_ID))[0], { model_id: server.store.models.begunAs(OURS).id });
  modelIds.kept.set(OURS, { kind: "begun", runId: RUN_ID, begunMs: 1 });
  t.deepEqual(only(await sink.send([{ ...measured, lastSeq: 2 }])), DELIVERED);
});

test("a server without logged models is asked for none", async (t) => {
  const server = await ScriptedMlflow.start(t);
  server.once("/version", { status: 200, body: "2.22.0" });
  const outcome = only(await restSink(t, server.url, { modelIds: begunIds() }).send([begunPack()]));
  t.like(outcome, { kind: "refused", code: "STEPWELL_MODEL_UNKNOWN" });
  t.is(server.of("/logged-models").length, 0);
});

test("a model that the server fails at again and again while it takes something else holds up nothing", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const clock = new SetClock();
  const sink = restSink(t, server.url, { clock, modelIds: begunIds() });
  await sink.send([pack(1)]);
  server.rule(({ path }) => (path.endsWith("/logged-models") ? { status: 500, body: "" } : undefined));
  const kinds: string[] = [];
  while (kinds.at(-1) !== "refused" && kinds.length < 10) {
    kinds.push(only(await sink.send([begunPack()])).kind);
    clock.move(LATE_MS);
  }
  t.deepEqual(kinds, ["retry", "retry", "retry", "refused"]);
});
