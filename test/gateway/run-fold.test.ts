/** What records say together, over what a tracker shows. */
import test from "ava";
import { RunFold } from "../../src/gateway/run-fold.js";
import { Batch } from "../../src/gen/stepwell/v1/ingest.js";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { viewBatch } from "../../src/model/batch-view.js";
import { NO_ENTRIES } from "../../src/model/no-entries.js";

const RUN = {
  info: { run_id: "r", run_name: "before", status: "RUNNING" },
  data: {
    metrics: [{ key: "loss", value: 5, timestamp: 10, step: 3 }],
    params: [{ key: "a", value: "1" }],
    tags: [
      { key: "old", value: "x" },
      { key: "gone", value: "y" },
    ],
  },
};

function foldOf(...batches: readonly Partial<Batch>[]): RunFold {
  const fold = new RunFold();
  for (const batch of batches)
    fold.add(viewBatch(Batch.encode({ ...NO_ENTRIES, runId: "r", ...batch }).finish()));
  return fold;
}

const column = (
  key: string,
  points: readonly (readonly [step: bigint, timestampMs: bigint, value: number])[],
) => ({
  key,
  modelId: "",
  steps: points.map(([step]) => step),
  timestampsMs: points.map(([, timestampMs]) => timestampMs),
  values: points.map(([, , value]) => value),
});

test("the latest point is the one of the highest step, then time, then value, wherever it is", (t) => {
  const fold = foldOf(
    {
      metrics: [
        column("loss", [[2n, 99n, 1]]),
        column("acc", [
          [0n, 5n, 1],
          [0n, 6n, 2],
          [0n, 6n, 1],
        ]),
      ],
    },
    {
      metrics: [
        column("odd", [[-1n, 0n, Number.NaN]]),
        column("far", [[2n ** 62n, 1n, Number.NEGATIVE_INFINITY]]),
      ],
    },
  );
  t.deepEqual((fold.over(RUN)["data"] as { metrics: unknown }).metrics, [
    { key: "loss", value: 5, timestamp: 10, step: 3 },
    { key: "acc", value: 2, timestamp: 6, step: 0 },
    { key: "odd", value: "NaN", timestamp: 0, step: -1 },
    { key: "far", value: "-Infinity", timestamp: 1, step: String(2n ** 62n) },
  ]);
  const later = foldOf({ metrics: [column("loss", [[3n, 10n, 6]])] });
  t.like((later.over(RUN)["data"] as { metrics: unknown[] }).metrics[0] as object, { value: 6 });
});

test("params and tags come on top, a removed tag is gone, and a tag names the run", (t) => {
  const fold = foldOf(
    {
      params: [{ key: "b", value: "2" }],
      tags: [
        { key: "new", value: "1" },
        { key: "mlflow.runName", value: "after" },
      ],
    },
    { removedTags: ["gone", "never"], tags: [{ key: "old", value: "z" }] },
  );
  const view = fold.over(RUN);
  t.like(view["info"] as object, { run_name: "after", status: "RUNNING" });
  t.deepEqual(view["data"], {
    metrics: RUN.data.metrics,
    params: [...RUN.data.params, { key: "b", value: "2" }],
    tags: [
      { key: "old", value: "z" },
      { key: "new", value: "1" },
      { key: "mlflow.runName", value: "after" },
    ],
  });
});

test("inputs and outputs come on top, and a dataset that is there stays as it is", (t) => {
  const call = (body: object) => ({
    method: "POST",
    path: "runs/log-inputs",
    namesRun: true,
    body: JSON.stringify(body),
  });
  const dataset = (name: string, tag: string) => ({
    dataset: { name, digest: "1" },
    tags: [{ key: "context", value: tag }],
  });
  const fold = foldOf(
    {
      calls: [
        call({ datasets: [dataset("a", "later"), dataset("b", "first")], models: [{ model_id: "m-1" }] }),
      ],
    },
    {
      calls: [
        call({ datasets: [dataset("b", "later")] }),
        { ...call({}), path: "logged-models/m-1/params" },
        { ...call({ models: [{ model_id: "m-2", step: "1" }] }), path: "runs/outputs" },
      ],
    },
  );
  t.deepEqual(fold.over({ ...RUN, inputs: { dataset_inputs: [dataset("a", "first")] } })["inputs"], {
    dataset_inputs: [dataset("a", "first"), dataset("b", "first")],
    model_inputs: [{ model_id: "m-1" }],
  });
  const outputs = { model_outputs: [{ model_id: "m-0" }] };
  t.deepEqual(fold.over({ ...RUN, outputs })["outputs"], {
    model_outputs: [{ model_id: "m-0" }, { model_id: "m-2", step: "1" }],
  });
  t.like(foldOf({}).over(RUN), { inputs: {}, outputs: {} });
});

test("a run is what its last end says, and goes on without an end", (t) => {
  const ended = { runEnd: { status: RunStatus.RUN_STATUS_FAILED, endTimeMs: 7n } };
  const goesOn = { runEnd: { status: RunStatus.RUN_STATUS_RUNNING, endTimeMs: 0n } };
  t.like(foldOf(ended).over(RUN)["info"] as object, { status: "FAILED", end_time: 7 });
  const again = JSON.parse(
    JSON.stringify(foldOf(ended, goesOn).over({ info: { status: "FAILED", end_time: 7 } })),
  );
  t.deepEqual(again.info, { status: "RUNNING" });
  const untimed = { runEnd: { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 0n } };
  const over = (...batches: readonly Partial<Batch>[]) =>
    foldOf(...batches).over({ info: { end_time: 5 } })["info"];
  t.deepEqual(over(untimed), { status: "FINISHED", end_time: 5 });
  t.deepEqual(over(ended, untimed), { status: "FINISHED", end_time: 7 });
  const timed = { runEnd: { status: RunStatus.RUN_STATUS_RUNNING, endTimeMs: 9n } };
  t.deepEqual(over(ended, timed), { status: "RUNNING", end_time: 9 });
  t.is(
    (foldOf({ tags: [{ key: "k", value: "v" }] }).over(RUN)["info"] as { status: string }).status,
    "RUNNING",
  );
});
