import test from "ava";
import type { RunStart } from "../../../src/model/run.js";
import { ScriptedMlflow } from "../../support/scripted-mlflow.js";
import { pack, rowsOf } from "../mlflow-sqlite/packs.js";
import { only, restSink } from "./rest.js";

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
