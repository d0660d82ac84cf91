import test from "ava";
import fc from "fast-check";
import { Batch } from "../../src/gen/stepwell/v1/ingest.js";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { type Admission, admit } from "../../src/ingest/admission.js";
import { Refusals } from "../../src/ingest/refusals.js";
import { viewBatch } from "../../src/model/batch-view.js";
import { RECORD_ENTRIES_MAX, RECORD_TEXTS_MAX, REFUSALS_TOLD_MAX } from "../../src/model/limits.js";
import { NO_ENTRIES } from "../../src/model/no-entries.js";

const RUN = "0123456789abcdef0123456789abcdef";

function batchOf(entries: Partial<Batch>): Batch {
  return { ...NO_ENTRIES, sequence: 1n, runId: RUN, ...entries };
}

function columnOf(key: string, points: number, timestampMs = 1n) {
  const each = <Value>(value: (index: number) => Value) =>
    Array.from({ length: points }, (_, index) => value(index));
  return {
    key,
    steps: each(BigInt),
    timestampsMs: each(() => timestampMs),
    values: each(Number),
    modelId: "",
  };
}

function admitted(batch: Batch, mayHave = () => true): Admission {
  const bytes = Batch.encode(batch).finish();
  return admit(viewBatch(bytes), bytes, mayHave);
}

const stored = (admission: Admission) => admission.parts.map((part) => Batch.decode(part.payload));

test("a good batch goes on as the very bytes that came", (t) => {
  const bytes = Batch.encode(
    batchOf({ metrics: [columnOf("loss", 3)], params: [{ key: "lr", value: "0.1" }] }),
  ).finish();
  const { parts, refusals } = admit(viewBatch(bytes), bytes, () => true);
  t.deepEqual(refusals, []);
  t.is(parts[0]?.payload, bytes);
  t.like(parts[0], { points: 3, params: 1, tags: 0, startsRun: false, endsRun: false });
});

test("a bad entry is refused alone, with its place and its code, and the rest is taken", (t) => {
  const admission = admitted(
    batchOf({
      params: [
        { key: "bad?", value: "1" },
        { key: "good", value: "2" },
      ],
      metrics: [
        columnOf("x".repeat(251), 4),
        columnOf("loss", 2),
        columnOf("late", 2, -1n),
        { ...columnOf("of a model", 1), modelId: "m-1" },
        { ...columnOf("of none", 3), modelId: "m/1" },
      ],
      tags: [
        { key: "note", value: "x".repeat(8001) },
        { key: "kept", value: "y" },
      ],
    }),
  );
  t.deepEqual(
    admission.refusals.map(({ kind, index, entries, code }) => [kind, index, entries, code]),
    [
      ["param", 0, 1, "STEPWELL_KEY_INVALID"],
      ["metric", 0, 4, "STEPWELL_KEY_INVALID"],
      ["metric", 2, 2, "STEPWELL_TIMESTAMP_INVALID"],
      ["metric", 4, 3, "STEPWELL_MODEL_ID_INVALID"],
      ["tag", 0, 1, "STEPWELL_VALUE_TOO_LONG"],
    ],
  );
  const [kept] = stored(admission);
  t.deepEqual(kept?.params, [{ key: "good", value: "2" }]);
  t.deepEqual(
    kept?.metrics.map(({ key, modelId }) => [key, modelId]),
    [
      ["loss", ""],
      ["of a model", "m-1"],
    ],
  );
  t.deepEqual(kept?.tags, [{ key: "kept", value: "y" }]);
});

test("a client can't address one of the run's trackers", (t) => {
  const addressed = batchOf({ metrics: [columnOf("loss", 2)], onlyTrackerId: "t1" });
  const [part] = stored(admitted(addressed));
  t.deepEqual([part?.onlyTrackerId, part?.metrics.length], [undefined, 1]);
});

test("a call of the API is the daemon's own, and dropped of a client's batch", (t) => {
  const calls = [{ method: "POST", path: "runs/log-inputs", body: "{}", namesRun: true }];
  const [part] = stored(admitted(batchOf({ metrics: [columnOf("loss", 2)], calls })));
  t.deepEqual([part?.calls, part?.metrics.length], [[], 1]);
  const own = Batch.encode(batchOf({ calls, onlyTrackerId: "t1" })).finish();
  const { parts } = admit(viewBatch(own), own, () => true, true);
  t.deepEqual(
    parts.map(({ tags, payload }) => [
      tags,
      Batch.decode(payload).calls,
      Batch.decode(payload).onlyTrackerId,
    ]),
    [[1, calls, "t1"]],
  );
});

test("calls of one batch are records of their own, behind all else", (t) => {
  const call = (path: string) => ({ method: "POST", path, body: "{}", namesRun: true });
  const tags = Array.from({ length: RECORD_TEXTS_MAX + 1 }, (_, index) => ({ key: `t${index}`, value: "" }));
  const own = Batch.encode(batchOf({ tags, calls: [call("a"), call("b")] })).finish();
  const { parts } = admit(viewBatch(own), own, () => true, true);
  const held = parts.map(({ tags: count, payload }) => [
    count,
    Batch.decode(payload).calls.map(({ path }) => path),
  ]);
  t.deepEqual(held, [
    [RECORD_TEXTS_MAX, []],
    [1, []],
    [1, ["a"]],
    [1, ["b"]],
  ]);
});

test("a dataset's name that no dataset has is refused with its points", (t) => {
  const named = (name: string, digest: string) => ({ ...columnOf("loss", 2), dataset: { name, digest } });
  const { refusals } = admitted(
    batchOf({
      metrics: [named("d".repeat(500), "x"), named("d".repeat(501), "x"), named("d", "x".repeat(37))],
    }),
  );
  t.deepEqual(
    refusals.map(({ index, entries, code }) => [index, entries, code]),
    [
      [1, 2, "STEPWELL_VALUE_TOO_LONG"],
      [2, 2, "STEPWELL_VALUE_TOO_LONG"],
    ],
  );
});

test("columns of unequal length are refused", (t) => {
  const uneven = { ...columnOf("loss", 3), steps: [1n] };
  const { refusals, parts } = admitted(batchOf({ metrics: [uneven] }));
  t.is(refusals[0]?.code, "STEPWELL_COLUMN_UNEVEN");
  t.deepEqual(parts, []);
});

test("a changed param is refused, also within one batch", (t) => {
  const params = [
    { key: "lr", value: "1" },
    { key: "lr", value: "1" },
    { key: "lr", value: "2" },
    { key: "old", value: "new" },
  ];
  const admission = admitted(batchOf({ params }), ((key: string) => key !== "old") as () => boolean);
  t.deepEqual(
    admission.refusals.map(({ index, code }) => [index, code]),
    [
      [2, "STEPWELL_PARAM_CHANGED"],
      [3, "STEPWELL_PARAM_CHANGED"],
    ],
  );
});

test("a run ends as FINISHED, FAILED or KILLED, or goes on, and nothing else", (t) => {
  const end = (status: RunStatus, endTimeMs = 5n) => admitted(batchOf({ runEnd: { status, endTimeMs } }));
  t.deepEqual(end(RunStatus.RUN_STATUS_KILLED).end, { status: "KILLED", endTimeMs: 5 });
  t.deepEqual(end(RunStatus.RUN_STATUS_RUNNING, 0n).end, { status: "RUNNING", endTimeMs: 0 });
  t.is(end(RunStatus.RUN_STATUS_SCHEDULED).refusals[0]?.code, "STEPWELL_STATUS_INVALID");
  t.is(end(RunStatus.RUN_STATUS_FAILED, -1n).refusals[0]?.code, "STEPWELL_TIMESTAMP_INVALID");
  t.is(end(RunStatus.RUN_STATUS_FAILED, 2n ** 53n).refusals[0]?.code, "STEPWELL_TIMESTAMP_INVALID");
});

test("a start whose texts or time no backend keeps as they are is refused", (t) => {
  const start = {
    ...{ experimentName: "", runName: "", trackers: [], startTimeMs: 1n, user: "", sourceName: "" },
    parentRunId: "",
  };
  const codeOf = (more: Partial<typeof start>) =>
    admitted(batchOf({ runStart: { ...start, ...more } })).refusals[0]?.code;
  for (const field of ["runName", "user", "sourceName"]) {
    t.is(codeOf({ [field]: "😀".repeat(8_000) }), undefined);
    t.is(codeOf({ [field]: "😀".repeat(8_001) }), "STEPWELL_VALUE_TOO_LONG");
  }
  t.is(codeOf({ experimentName: "a\0b" }), "STEPWELL_EXPERIMENT_INVALID");
  t.is(codeOf({ startTimeMs: 2n ** 53n - 1n }), undefined);
  for (const startTimeMs of [-1n, 2n ** 53n]) t.is(codeOf({ startTimeMs }), "STEPWELL_TIMESTAMP_INVALID");
});

test("a removed tag with a bad key is refused with its place behind the tags; so is a parent that is no run", (t) => {
  const tags = [{ key: "a", value: "b" }];
  const start = {
    ...{ experimentName: "", runName: "", trackers: [], startTimeMs: 1n, user: "", sourceName: "" },
    parentRunId: "up",
  };
  const admission = admitted(batchOf({ tags, removedTags: ["a", "bad?"], runStart: start }));
  t.deepEqual(
    admission.refusals.map(({ kind, index, code }) => [kind, index, code]),
    [
      ["start", 0, "STEPWELL_RUN_ID_INVALID"],
      ["tag", 2, "STEPWELL_KEY_INVALID"],
    ],
  );
  t.deepEqual(stored(admission)[0]?.removedTags, ["a"]);
  t.deepEqual(admitted(batchOf({ runStart: { ...start, parentRunId: RUN } })).start?.run.parentRunId, RUN);
});

test("a batch of any size is cut to records that a backend takes whole, and nothing changes in it", (t) => {
  const sizes = fc.record({
    columns: fc.array(fc.integer({ min: 0, max: 2500 }), { maxLength: 5 }),
    params: fc.integer({ min: 0, max: 350 }),
    tags: fc.integer({ min: 0, max: 350 }),
    removals: fc.integer({ min: 0, max: 350 }),
  });
  fc.assert(
    fc.property(sizes, ({ columns, params, tags, removals }) => {
      const list = (count: number) =>
        Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: `${index}` }));
      const batch = batchOf({
        metrics: columns.map((points, index) => columnOf(`m${index}`, points)),
        params: list(params),
        tags: list(tags),
        removedTags: list(removals).map(({ key }) => key),
        runEnd: { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 9n },
      });
      const admission = admitted(batch);
      const parts = stored(admission);
      for (const part of admission.parts) {
        t.true(
          part.points <= RECORD_ENTRIES_MAX &&
            part.params <= RECORD_TEXTS_MAX &&
            part.tags <= RECORD_TEXTS_MAX,
        );
      }
      t.deepEqual(
        parts.flatMap((part) => part.params),
        batch.params,
      );
      t.deepEqual(
        parts.flatMap((part) => part.tags),
        batch.tags,
      );
      t.deepEqual(
        parts.flatMap((part) => part.removedTags),
        batch.removedTags,
      );
      const lastRemoval = parts.findLastIndex((part) => part.removedTags.length > 0);
      const firstTag = parts.findIndex((part) => part.tags.length > 0);
      t.true(lastRemoval < 0 || firstTag < 0 || lastRemoval <= firstTag);
      const points = (all: Batch[]) =>
        all.flatMap((part) =>
          part.metrics.flatMap(({ key, steps, values }) =>
            steps.map((step, index) => `${key} ${step} ${values[index]}`),
          ),
        );
      t.deepEqual(points(parts), points([batch]));
      t.deepEqual(
        parts.map((part) => part.runEnd !== undefined),
        parts.map((_, index) => index === parts.length - 1),
      );
    }),
    { numRuns: 30 },
  );
});

test("of very many refusals the first are told one by one, the others summed up", (t) => {
  const refusals = new Refusals();
  const refusal = { index: 0, entries: 2, message: "It is bad." } as const;
  for (let index = 0; index < REFUSALS_TOLD_MAX + 50; index++)
    refusals.add({ ...refusal, index, kind: "metric", code: "STEPWELL_KEY_INVALID" });
  refusals.add({ ...refusal, kind: "tag", code: "STEPWELL_VALUE_TOO_LONG" });
  const told = refusals.all();
  t.is(told.length, REFUSALS_TOLD_MAX + 2);
  t.is(
    told.reduce((sum, { entries }) => sum + entries, 0),
    2 * (REFUSALS_TOLD_MAX + 51),
  );
  t.like(told.at(-2), { index: REFUSALS_TOLD_MAX, message: "It is bad. So are 49 others of the batch." });
  t.is(told.at(-1)?.message, "It is bad.");
});
