import test from "ava";
import { ScriptedMlflow } from "../../support/scripted-mlflow.js";
import { pack, rowsOf } from "../mlflow-sqlite/packs.js";
import { only, restSink } from "./rest.js";

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
