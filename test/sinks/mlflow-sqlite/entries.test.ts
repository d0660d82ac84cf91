import test from "ava";
import { change, query } from "./database.js";
import { OTHER_RUN_ID, type Point, pack, RUN_ID, START, sinkFor } from "./packs.js";

const DELIVERED = [{ kind: "delivered", refused: [] }];
const METRICS = 'SELECT "key", step, timestamp, value, is_nan FROM metrics ORDER BY rowid';
const LATEST = 'SELECT "key", step, timestamp, value, is_nan FROM latest_metrics ORDER BY "key"';

test("a run starts as RUNNING under its own id, with MLflow's standard tags", async (t) => {
  const { sink, databasePath, artifactRoot } = await sinkFor(t);
  t.deepEqual(await sink.send([pack(1)]), DELIVERED);
  const columns =
    "run_uuid, name, source_type, source_name, user_id, status, start_time, end_time, lifecycle_stage, artifact_uri";
  t.deepEqual(query(databasePath, `SELECT ${columns} FROM runs`), [
    [
      RUN_ID,
      "brave-brook-7",
      "LOCAL",
      "train.py",
      "ada",
      "RUNNING",
      "1700000000000",
      null,
      "active",
      `${artifactRoot}/1/${RUN_ID}/artifacts`,
    ],
  ]);
  t.deepEqual(query(databasePath, 'SELECT "key", value FROM tags ORDER BY "key"'), [
    ["mlflow.runName", "brave-brook-7"],
    ["mlflow.source.name", "train.py"],
    ["mlflow.source.type", "LOCAL"],
    ["mlflow.user", "ada"],
  ]);
});

test("values are stored as MLflow stores them: NaN, infinities, both ends of int64, any script", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  const points: Point[] = [
    ["nan", 1n, 5n, Number.NaN],
    ["inf", -1n, 5n, Number.POSITIVE_INFINITY],
    ["inf", 0n, 5n, Number.NEGATIVE_INFINITY],
    ["Präzision/漢字 𝛼", 2n ** 63n - 1n, 2n ** 53n + 1n, 0.1 + 0.2],
    ["tiny", -(2n ** 63n), 0n, 5e-324],
  ];
  t.deepEqual(await sink.send([pack(1, points)]), DELIVERED);
  t.deepEqual(query(databasePath, METRICS), [
    ["nan", "1", "5", 0, "1"],
    ["inf", "-1", "5", Number.MAX_VALUE, "0"],
    ["inf", "0", "5", -Number.MAX_VALUE, "0"],
    ["Präzision/漢字 𝛼", "9223372036854775807", "9007199254740993", 0.1 + 0.2, "0"],
    ["tiny", "-9223372036854775808", "0", 5e-324, "0"],
  ]);
});

test("every double comes back as it was", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  const bits = new BigUint64Array(5_000);
  // A fixed walk over all bit patterns.
  for (let index = 0; index < bits.length; index++)
    bits[index] = (BigInt(index) * 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn;
  const values = [...new Float64Array(bits.buffer)].filter((value) => Number.isFinite(value));
  t.deepEqual(
    await sink.send([
      pack(
        1,
        values.map((value, step) => ["bits", BigInt(step), 0n, value]),
      ),
    ]),
    DELIVERED,
  );
  t.deepEqual(query(databasePath, "SELECT value FROM metrics ORDER BY step").flat(), values);
});

test("points that are equal in all are one, within a pack and across packs", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  const twice: Point[] = [
    ["loss", 1n, 1n, 0.5],
    ["loss", 1n, 1n, 0.5],
    ["nan", 1n, 1n, Number.NaN],
    ["nan", 1n, 1n, Number.NaN],
  ];
  t.deepEqual(await sink.send([pack(1, twice)]), DELIVERED);
  t.deepEqual(await sink.send([pack(2, [...twice, ["loss", 1n, 1n, 0.25]])]), DELIVERED);
  t.deepEqual(query(databasePath, METRICS), [
    ["loss", "1", "1", 0.5, "0"],
    ["nan", "1", "1", 0, "1"],
    ["loss", "1", "1", 0.25, "0"],
  ]);
});

test("the latest metric is the largest by step, then timestamp, then value, in whatever order points come", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  await sink.send([
    pack(1, [
      ["a", 5n, 1n, 1],
      ["a", 4n, 9n, 9],
      ["b", 1n, 2n, 3],
      ["b", 1n, 2n, 4],
      ["c", -5n, 1n, Number.NaN],
    ]),
  ]);
  await sink.send([
    pack(2, [
      ["a", 5n, 2n, -1],
      ["a", 3n, 3n, 3],
      ["b", 1n, 1n, 100],
      ["c", -5n, 1n, -1],
    ]),
  ]);
  t.deepEqual(query(databasePath, LATEST), [
    ["a", "5", "2", -1, "0"],
    ["b", "1", "2", 4, "0"],
    // MLflow compares a NaN as the 0 that it stores.
    ["c", "-5", "1", 0, "1"],
  ]);
});

test("a pack of any size arrives whole, in its order", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  const counts = [1, 15, 16, 17, 255, 256, 257, 1_000];
  for (const [index, count] of counts.entries()) {
    const points = Array.from(
      { length: count },
      (_, step): Point => [`m${count}`, BigInt(count - step), 7n, step / 3],
    );
    t.deepEqual(await sink.send([pack(index + 1, points)]), DELIVERED);
    const stored = query(databasePath, "SELECT value FROM metrics WHERE key = ? ORDER BY rowid", `m${count}`);
    t.deepEqual(
      stored.flat(),
      points.map(([, , , value]) => value),
    );
  }
});

test("a changed param is refused alone; the first value stays and the rest arrives", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  const outcomes = await sink.send([
    pack(1, [["loss", 1n, 1n, 1]], {
      params: [
        { key: "lr", value: "0.1" },
        { key: "lr", value: "0.1" },
        { key: "lr", value: "0.2" },
      ],
    }),
  ]);
  const [outcome] = outcomes;
  if (outcome?.kind !== "delivered") return t.fail(JSON.stringify(outcome));
  t.deepEqual(
    outcome.refused.map(({ kind, key, value, code }) => ({ kind, key, value, code })),
    [{ kind: "param", key: "lr", value: "0.2", code: "STEPWELL_PARAM_CHANGED" }],
  );
  const again = await sink.send([
    pack(2, [], {
      params: [
        { key: "lr", value: "0.1\u0000" },
        { key: "zero", value: "a\u0000b" },
        { key: "zero", value: "a\u0000b" },
      ],
      tags: [{ key: "t", value: "1" }],
    }),
  ]);
  t.deepEqual(again[0]?.kind === "delivered" && again[0].refused.map(({ key, value }) => [key, value]), [
    ["lr", "0.1\u0000"],
  ]);
  t.deepEqual(query(databasePath, 'SELECT "key", hex(value) FROM params ORDER BY "key"'), [
    ["lr", "302E31"],
    ["zero", "610062"],
  ]);
  t.deepEqual(query(databasePath, "SELECT count(*) FROM metrics"), [["1"]]);
  t.deepEqual(query(databasePath, "SELECT value FROM tags WHERE key = 't'"), [["1"]]);
});

test("the last value of a tag stays, and mlflow.runName renames the run", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  await sink.send([
    pack(1, [], {
      tags: [
        { key: "phase", value: "1" },
        { key: "phase", value: "2" },
      ],
    }),
  ]);
  await sink.send([
    pack(2, [], {
      tags: [
        { key: "phase", value: "3" },
        { key: "mlflow.runName", value: "neu" },
      ],
    }),
  ]);
  t.deepEqual(query(databasePath, "SELECT value FROM tags WHERE key = 'phase'"), [["3"]]);
  t.deepEqual(
    query(databasePath, "SELECT name, (SELECT value FROM tags WHERE key = 'mlflow.runName') FROM runs"),
    [["neu", "neu"]],
  );
});

for (const status of ["FINISHED", "FAILED", "KILLED"] as const) {
  test(`a run ends as ${status}`, async (t) => {
    const { sink, databasePath } = await sinkFor(t);
    t.deepEqual(await sink.send([pack(1, [], { end: { status, endTimeMs: 1_700_000_009_000 } })]), DELIVERED);
    t.deepEqual(query(databasePath, "SELECT status, end_time FROM runs"), [[status, "1700000009000"]]);
  });
}

test("a run that ended goes on, and ends again", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  const status = () => query(databasePath, "SELECT status, end_time FROM runs");
  await sink.send([pack(1, [], { end: { status: "FAILED", endTimeMs: 1_700_000_009_000 } })]);
  await sink.send([pack(2, [], { end: { status: "RUNNING", endTimeMs: 0 } })]);
  t.deepEqual(status(), [["RUNNING", null]]);
  await sink.send([pack(3, [], { end: { status: "FINISHED", endTimeMs: 1_700_000_010_000 } })]);
  t.deepEqual(status(), [["FINISHED", "1700000010000"]]);
  // As at MLflow's server: what is not said stays, and one may go on and have an end.
  await sink.send([pack(4, [], { end: { status: "KILLED", endTimeMs: 0 } })]);
  t.deepEqual(status(), [["KILLED", "1700000010000"]]);
  await sink.send([pack(5, [], { end: { status: "RUNNING", endTimeMs: 1_700_000_011_000 } })]);
  t.deepEqual(status(), [["RUNNING", "1700000011000"]]);
});

test("tags are removed before tags are set; a key that is not there is no fault", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  const tag = (key: string, value: string) => ({ key, value });
  await sink.send([pack(1, [], { tags: [tag("a", "1"), tag("b", "1"), tag("c", "1")] })]);
  const sent = await sink.send([pack(2, [], { removedTags: ["a", "b", "none"], tags: [tag("b", "2")] })]);
  t.deepEqual(sent, DELIVERED);
  t.deepEqual(
    query(databasePath, 'SELECT "key", value FROM tags WHERE "key" NOT LIKE \'mlflow.%\' ORDER BY "key"'),
    [
      ["b", "2"],
      ["c", "1"],
    ],
  );
});

test("a child run names its parent", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  await sink.send([pack(1, [], { start: { ...START, parentRunId: OTHER_RUN_ID } })]);
  t.deepEqual(query(databasePath, "SELECT value FROM tags WHERE \"key\" = 'mlflow.parentRunId'"), [
    [OTHER_RUN_ID],
  ]);
});

test("a parent that a tag names by a server's id has our id in the database", async (t) => {
  const ownId = async (id: string) => (id === "f".repeat(32) ? OTHER_RUN_ID : id);
  const { sink, databasePath } = await sinkFor(t, { ownId });
  const tags = [
    { key: "mlflow.parentRunId", value: "f".repeat(32) },
    { key: "other", value: "f".repeat(32) },
  ];
  t.like((await sink.send([pack(1, [], { tags })]))[0], { kind: "delivered" });
  t.deepEqual(query(databasePath, "SELECT value FROM tags WHERE key IN ('mlflow.parentRunId', 'other')"), [
    [OTHER_RUN_ID],
    ["f".repeat(32)],
  ]);
});

test("a run that MLflow deleted is refused with the reason; the other packs of the request are delivered", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  await sink.send([pack(1)]);
  change(databasePath, "UPDATE runs SET lifecycle_stage = 'deleted'");
  const point: Point = ["loss", 1n, 1n, 1];
  const outcomes = await sink.send([pack(2, [point]), pack(2, [point], { runId: OTHER_RUN_ID })]);
  t.like(outcomes[0], { kind: "refused", code: "STEPWELL_RUN_DELETED" });
  t.like(outcomes[1], { kind: "delivered" });
  t.deepEqual(query(databasePath, "SELECT run_uuid FROM metrics"), [[OTHER_RUN_ID]]);
});

test("a run that was removed is not made anew from its rest", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  await sink.send([pack(1)]);
  change(databasePath, "DELETE FROM tags");
  change(databasePath, "DELETE FROM runs");
  t.like((await sink.send([pack(2)]))[0], { kind: "refused", code: "STEPWELL_RUN_DELETED" });
});

test("a new run of a deleted experiment is held until somebody restores it; the other packs are delivered", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  await sink.send([pack(1)]);
  change(databasePath, "UPDATE experiments SET lifecycle_stage = 'deleted' WHERE name = 'digits'");
  const start = { ...START, experimentName: "Default" };
  const [held, other] = await sink.send([
    pack(1, [], { runId: OTHER_RUN_ID }),
    pack(1, [], { runId: "3".repeat(32), start }),
  ]);
  t.like(held, { kind: "hold", code: "STEPWELL_EXPERIMENT_DELETED" });
  t.like(other, { kind: "delivered" });
  change(databasePath, "UPDATE experiments SET lifecycle_stage = 'active'");
  t.like((await sink.send([pack(1, [], { runId: OTHER_RUN_ID })]))[0], { kind: "delivered" });
});

test("a pack's columns go with it, so that sending it again is an error and not a loss", async (t) => {
  const { sink } = await sinkFor(t);
  const sent = pack(1, [["loss", 1n, 1n, 1]]);
  await sink.send([sent]);
  await t.throwsAsync(sink.send([sent]), { instanceOf: RangeError });
});
