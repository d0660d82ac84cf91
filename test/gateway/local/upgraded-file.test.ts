/** A file that the sink writes and that a request upgrades meanwhile: the sink goes on. */

import test from "ava";
import { LocalStore } from "../../../src/gateway/local/local-store.js";
import { query } from "../../sinks/mlflow-sqlite/database.js";
import { AUTHOR, pack, RUN_ID, rowsOf, sinkFor, sinkOn } from "../../sinks/mlflow-sqlite/packs.js";
import { ask } from "./old-file.js";

const DELIVERED = [{ kind: "delivered", refused: [] }];

test("the sink goes on in a file that was upgraded for datasets, and then for models", async (t) => {
  const { sink, databasePath, artifactRoot } = await sinkFor(t);
  const store = new LocalStore({ databasePath, artifactRoot });
  t.teardown(() => store.close());
  const loss = (step: bigint) => rowsOf([["loss", step, 5n, Number(step)]]);
  t.deepEqual(await sink.send([pack(1, [], { metrics: loss(1n) })]), DELIVERED);

  const datasets = [{ dataset: { name: "d", digest: "1", source_type: "local", source: "s" } }];
  t.is((await ask(store, "POST", "runs/log-inputs", { run_id: RUN_ID, datasets })).status, 200);
  t.deepEqual(
    await sink.send([pack(2, [], { metrics: loss(2n), tags: [{ key: "a", value: "b" }] })]),
    DELIVERED,
  );

  const { status, json } = await ask(store, "POST", "logged-models", { experiment_id: "0", name: "net" });
  t.is(status, 200);
  const { model_id: modelId } = (json["model"] as { info: { model_id: string } }).info;
  t.deepEqual(query(databasePath, "SELECT version_num FROM alembic_version"), [["6953534de441"]]);
  const ofModel = { ...loss(3n), modelIds: [modelId] };
  t.deepEqual(
    await sink.send([pack(3, [], { metrics: ofModel, params: [{ key: "lr", value: "1" }] })]),
    DELIVERED,
  );
  await sink.close();
  t.deepEqual(
    await sinkOn(t, databasePath).send([pack(4, [], { metrics: loss(4n), after: { ...AUTHOR, seq: 3 } })]),
    DELIVERED,
  );

  const points = "SELECT step, value FROM metrics WHERE key = 'loss' ORDER BY step";
  t.deepEqual(
    query(databasePath, points),
    [1, 2, 3, 4].map((step) => [String(step), step]),
  );
  const models = "SELECT model_id, metric_step FROM logged_model_metrics";
  t.deepEqual(query(databasePath, models), [[modelId, "3"]]);
});
