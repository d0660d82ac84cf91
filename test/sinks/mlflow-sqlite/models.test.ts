/** Points of logged models in a local store that MLflow 3 has opened, or has not. */
import type { MetricRows } from "../../../src/model/pack.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../../support/python-environment.js";
import { testWith } from "../../support/test-with.js";
import { query } from "./database.js";
import { type Point, pack, RUN_ID, rowsOf, sinkFor } from "./packs.js";
import { RealMlflow } from "./real-mlflow.js";

const test = testWith(MLFLOW_3);
const DELIVERED = { kind: "delivered", refused: [] };

/** The points as a model's; their keys are the model's alone. */
function ofModel(modelId: string, points: readonly Point[]): MetricRows {
  const rows = rowsOf(points);
  return { ...rows, modelIds: rows.keys.map(() => modelId) };
}

/** The run's own point, and then the model's: one key twice. */
function ofBoth(modelId: string, [key, ...point]: Point): MetricRows {
  const rows = rowsOf([
    [key, ...point],
    ["the model's", ...point],
  ]);
  return { ...rows, keys: [key, key], modelIds: ["", modelId] };
}

test("MLflow 3 shows the points of a model with the model, and with the run", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const { sink, databasePath } = await sinkFor(t);
  t.deepEqual(await sink.send([pack(1)]), [DELIVERED]);
  const mlflow = await RealMlflow.start(t, MLFLOW_3, databasePath);
  const model = await mlflow.makeModel(RUN_ID);
  const points: Point[] = [
    ["accuracy", 1n, 5n, 0.5],
    ["accuracy", 2n, 6n, 0.75],
    ["bound", -1n, 7n, Number.POSITIVE_INFINITY],
    ["nan", 3n, 8n, Number.NaN],
  ];
  t.deepEqual(await sink.send([pack(2, [], { metrics: ofModel(model, points) })]), [DELIVERED]);
  // A store that got them before, as one that was restored and is behind the journal.
  t.deepEqual(await sink.send([pack(3, [], { metrics: ofModel(model, points) })]), [DELIVERED]);
  t.deepEqual(await sink.send([pack(4, [], { metrics: ofBoth(model, ["both", 4n, 9n, 1.5]) })]), [DELIVERED]);
  t.deepEqual(await mlflow.modelMetrics(model), [
    ["accuracy", "1", "5", "0.5", RUN_ID],
    ["accuracy", "2", "6", "0.75", RUN_ID],
    ["both", "4", "9", "1.5", RUN_ID],
    ["bound", "-1", "7", "1.7976931348623157e+308", RUN_ID],
    ["nan", "3", "8", "0.0", RUN_ID],
  ]);
  const { history } = await mlflow.read(RUN_ID);
  t.like(history, { both: [["4", "9", "1.5"]], nan: [["3", "8", "nan"]] });
  t.is(history["accuracy"]?.length, 2);
  t.deepEqual(query(databasePath, "PRAGMA foreign_key_check"), []);
});

test("a point whose model is not there, or has another value, is refused for the model alone", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const { sink, databasePath } = await sinkFor(t);
  const early = await sink.send([pack(1, [], { metrics: ofModel("m-none", [["early", 1n, 5n, 0.5]]) })]);
  t.like(early[0], { kind: "delivered", refused: [{ code: "STEPWELL_MODEL_UNKNOWN", modelId: "m-none" }] });
  const mlflow = await RealMlflow.start(t, MLFLOW_3, databasePath);
  const model = await mlflow.makeModel(RUN_ID);
  t.deepEqual(await sink.send([pack(2, [], { metrics: ofModel(model, [["k", 1n, 5n, 0.5]]) })]), [DELIVERED]);
  const rows = ofModel(model, [
    ["k", 1n, 5n, 0.25],
    ["k", 2n, 5n, 1],
    ["stray", 1n, 5n, 3],
  ]);
  const metrics = { ...rows, modelIds: [model, "m-none"] };
  const [outcome] = await sink.send([pack(3, [], { metrics })]);
  const refused = outcome?.kind === "delivered" ? outcome.refused : [];
  t.deepEqual(
    refused.map((each) => [each.kind, each.key, each.kind === "metric" && each.value, each.code]),
    [
      ["metric", "k", 0.25, "STEPWELL_ENTRY_REFUSED"],
      ["metric", "stray", 3, "STEPWELL_MODEL_UNKNOWN"],
    ],
  );
  t.deepEqual(await mlflow.modelMetrics(model), [
    ["k", "1", "5", "0.5", RUN_ID],
    ["k", "2", "5", "1.0", RUN_ID],
  ]);
  const { history } = await mlflow.read(RUN_ID);
  t.deepEqual([history["early"]?.length, history["k"]?.length, history["stray"]?.length], [1, 3, 1]);
});
