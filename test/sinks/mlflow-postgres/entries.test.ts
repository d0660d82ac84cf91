/** What becomes of single entries in a PostgreSQL database: duplicates, the latest, params, texts, ends, models. */
import ava, { type ExecutionContext } from "ava";
import type { MetricRows, Pack } from "../../../src/model/pack.js";
import { postgresForAll } from "../../support/mlflow-postgres.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../../support/python-environment.js";
import { testWith } from "../../support/test-with.js";
import { until } from "../../support/until.js";
import { AUTHOR, OTHER_RUN_ID, type Point, pack, RUN_ID, rowsOf, START } from "../mlflow-sqlite/packs.js";
import { RealMlflow } from "../mlflow-sqlite/real-mlflow.js";
import { freshStore, lanesOn, NOW_MS } from "./store.js";

const test = testWith(MLFLOW_3);
const server = postgresForAll(ava);
const DELIVERED = { kind: "delivered", refused: [] } as const;
const OTHER_HOME = { homeId: "b".repeat(32), incarnation: "2".repeat(32) };

async function setUp(t: ExecutionContext) {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const { store, database } = await freshStore(t, server());
  const query = (sql: string) => server().query(database, sql);
  const mlflow = () => RealMlflow.at(t, MLFLOW_3, server().uriOf(database));
  return { store, database, query, mlflow, write: lanesOn(store).write };
}

const countOf = "SELECT count(*)::int FROM metrics";

test("points that are there already are one, whoever wrote them, and all others of the request arrive", async (t) => {
  const { write, mlflow } = await setUp(t);
  await write(pack(1, [["loss", 1n, 1n, 0.5]]));
  await (await mlflow()).write(RUN_ID);
  // Of MLflow's client, of another home in the same request, and twice in one pack.
  const points: Point[] = [
    ["theirs", 2n, 5n, 1.5],
    ["shared", 3n, 7n, 3],
    ["own", 1n, 1n, Number.NaN],
    ["loss", 2n, 1n, 0.25],
    ["own", 2n, 1n, 1],
    ["own", 1n, 1n, Number.NaN],
  ];
  const ofOther = pack(
    1,
    [
      ["loss", 2n, 1n, 0.25],
      ["loss", 9n, 9n, 9],
    ],
    { author: OTHER_HOME },
  );
  t.deepEqual(await write(pack(2, points), ofOther), [DELIVERED, DELIVERED]);
  const { history, latest } = await (await mlflow()).read(RUN_ID);
  t.deepEqual(history["loss"]?.sort(), [
    ["1", "1", "0.5"],
    ["2", "1", "0.25"],
    ["9", "9", "9.0"],
  ]);
  t.deepEqual(history["own"]?.sort(), [
    ["1", "1", "nan"],
    ["2", "1", "1.0"],
  ]);
  t.is(history["shared"]?.length, 50);
  t.is(history["theirs"]?.length, 1);
  t.like(latest, { loss: "9.0", own: "1.0", theirs: "1.5", shared: "49.0" });
});

test("a loop that logs one value in one millisecond logs one point, and nothing has to be sent twice for it", async (t) => {
  const { write, query, store } = await setUp(t);
  const points = Array.from({ length: 4_000 }, (): Point => ["tight", 0n, 1n, 2.5]);
  t.deepEqual(await write(pack(1, [...points, ["tight", 0n, 1n, 3], ["tight", 0n, 2n, 2.5]])), [DELIVERED]);
  t.deepEqual(await query(countOf), [[3]]);
  // The server counts what a connection did once that is closed; what was rolled back, too.
  await store.close();
  const inserted = "SELECT n_tup_ins::int FROM pg_stat_user_tables WHERE relname = 'metrics'";
  const [row] = await until(
    "the server has counted",
    () => query(inserted),
    ([seen]) => seen?.[0] !== 0,
  );
  t.deepEqual(row, [3]);
});

test("the latest point is MLflow's: by step, then timestamp, then value, in whatever order they come", async (t) => {
  const { write, mlflow, query } = await setUp(t);
  await write(
    pack(1, [
      ["a", 5n, 1n, 1],
      ["b", 1n, 9n, 2],
      ["c", 1n, 1n, -1],
      ["d", 1n, 1n, Number.NaN],
    ]),
  );
  await write(
    pack(2, [
      ["a", 4n, 99n, 7],
      ["b", 1n, 8n, 3],
      ["c", 1n, 1n, -2],
      ["d", 1n, 1n, -1],
    ]),
  );
  await write(
    pack(3, [
      ["c", 1n, 1n, 3],
      ["e", 2n, 1n, Number.NEGATIVE_INFINITY],
      ["e", 1n, 5n, 4],
    ]),
  );
  const { latest } = await (await mlflow()).read(RUN_ID);
  t.like(latest, { a: "1.0", b: "2.0", c: "3.0", d: "nan", e: "-1.7976931348623157e+308" });
  t.deepEqual(await query("SELECT key, value, is_nan FROM latest_metrics WHERE is_nan"), [["d", 0, true]]);
});

test("a param keeps its first value; another one is refused alone, and told with it", async (t) => {
  const { write, mlflow } = await setUp(t);
  const params = [
    { key: "lr", value: "1" },
    { key: "same", value: "x" },
    { key: "lr", value: "2" },
  ];
  const refused = [{ kind: "param", key: "lr", value: "2", code: "STEPWELL_PARAM_CHANGED" }];
  const [outcome] = await write(pack(1, [["loss", 1n, 1n, 1]], { params, tags: [{ key: "t", value: "v" }] }));
  t.like(outcome, { kind: "delivered", refused });
  const again = [
    { key: "same", value: "x" },
    { key: "new", value: "" },
  ];
  t.deepEqual(await write(pack(2, [], { params: again })), [DELIVERED]);
  const shown = await (await mlflow()).read(RUN_ID);
  t.deepEqual(shown.params, { lr: "1", same: "x", new: "" });
  t.like(shown, { latest: { loss: "1.0" }, tags: { t: "v" } });
});

test("a text that PostgreSQL can't keep is refused alone", async (t) => {
  const { write, query } = await setUp(t);
  await query("ALTER TABLE params ALTER COLUMN value TYPE varchar(500)");
  const params = [
    { key: "nul", value: "a\0b" },
    { key: "long", value: "x".repeat(501) },
    { key: "wide", value: "😀".repeat(500) },
  ];
  const tags = [
    { key: "nul", value: "\0" },
    { key: "kept", value: "v" },
  ];
  const [outcome] = await write(pack(1, [["loss", 1n, 1n, 1]], { params, tags }));
  const refused = outcome?.kind === "delivered" ? outcome.refused : [];
  t.deepEqual(
    refused.map(({ kind, key, code }) => [kind, key, code]),
    [
      ["param", "nul", "STEPWELL_ENTRY_REFUSED"],
      ["param", "long", "STEPWELL_ENTRY_REFUSED"],
      ["tag", "nul", "STEPWELL_ENTRY_REFUSED"],
    ],
  );
  t.deepEqual(await query("SELECT key FROM params"), [["wide"]]);
  t.deepEqual(await query("SELECT value FROM tags WHERE key = 'kept'"), [["v"]]);
});

test("a run ends as the last says, goes on again, and keeps the end that nobody said another of", async (t) => {
  const { write, query } = await setUp(t);
  const stand = async () => (await query("SELECT status, end_time::text FROM runs"))[0];
  const end = (status: "RUNNING" | "FINISHED" | "KILLED", endTimeMs: number): Partial<Pack> => ({
    end: { status, endTimeMs },
  });
  await write(pack(1, [], end("FINISHED", 7)));
  t.deepEqual(await stand(), ["FINISHED", "7"]);
  await write(pack(2, [], end("KILLED", 0)));
  t.deepEqual(await stand(), ["KILLED", "7"]);
  await write(pack(3, [], end("RUNNING", 0)));
  t.deepEqual(await stand(), ["RUNNING", null]);
  await write(pack(4, [], { tags: [{ key: "mlflow.runName", value: "late" }] }));
  t.deepEqual(await stand(), ["RUNNING", null]);
  t.deepEqual(await query("SELECT name FROM runs"), [["late"]]);
});

test("experiments are found by name, made once as MLflow makes them, and held while they are deleted", async (t) => {
  const { write, query, mlflow, store } = await setUp(t);
  const runs = ["1", "2", "3"].map((digit) => digit.repeat(32));
  const start = { ...START, experimentName: "new one" };
  await write(...runs.map((runId, index) => pack(index + 1, [], { runId, start })));
  const made = "SELECT experiment_id, artifact_location, creation_time::text, workspace FROM experiments";
  t.deepEqual(await query(made), [[1, "mlflow-artifacts:/1", String(NOW_MS), "default"]]);
  t.deepEqual((await (await mlflow()).find("new one")).runs.length, 3);
  await query("UPDATE experiments SET lifecycle_stage = 'deleted'");
  const later = () => [
    pack(1, [], { runId: OTHER_RUN_ID, start }),
    pack(9, [["loss", 1n, 1n, 1]], { runId: runs[0] ?? "" }),
  ];
  t.like(await write(...later()), [
    { kind: "hold", scope: "run", code: "STEPWELL_EXPERIMENT_DELETED" },
    DELIVERED,
  ]);
  await query(
    "UPDATE experiments SET lifecycle_stage = 'active', artifact_location = 's3://bucket/a/?x=1#y'",
  );
  t.deepEqual(await write(pack(1, [], { runId: OTHER_RUN_ID, start })), [DELIVERED]);
  t.deepEqual(await query(`SELECT artifact_uri FROM runs WHERE run_uuid = '${OTHER_RUN_ID}'`), [
    [`s3://bucket/a/${OTHER_RUN_ID}/artifacts?x=1#y`],
  ]);
  const long = { ...START, experimentName: "x".repeat(257) };
  const refused = await store.write([pack(1, [], { runId: "4".repeat(32), start: long })], new Map());
  t.like(refused.outcomes, [{ kind: "refused", code: "STEPWELL_EXPERIMENT_UNUSABLE" }]);
  const inWorkspace = { ...start, workspace: "team" };
  t.deepEqual(await write(pack(1, [], { runId: "5".repeat(32), start: inWorkspace })), [DELIVERED]);
  t.deepEqual(
    await query("SELECT workspace FROM experiments WHERE name = 'new one' ORDER BY experiment_id"),
    [["default"], ["team"]],
  );
});

test("MLflow's default experiment is made as MLflow makes it, so that its server starts on it", async (t) => {
  const { write, query, mlflow } = await setUp(t);
  const start = { ...START, experimentName: "Default" };
  const packs = [
    pack(1, [], { start }),
    pack(1, [], { runId: OTHER_RUN_ID, start: { ...start, workspace: "team" } }),
  ];
  t.deepEqual(await write(...packs), [DELIVERED, DELIVERED]);
  const made = "SELECT experiment_id, artifact_location, workspace FROM experiments ORDER BY experiment_id";
  t.deepEqual(await query(made), [
    [0, "mlflow-artifacts:/0", "default"],
    [1, "mlflow-artifacts:/1", "team"],
  ]);
  await query("DELETE FROM tags; DELETE FROM runs; DELETE FROM experiments; DELETE FROM stepwell_cursors");
  await query(
    "INSERT INTO experiments (experiment_id, name, lifecycle_stage) VALUES (0, 'renamed', 'active')",
  );
  t.deepEqual(await write(pack(1, [], { start, runId: "9".repeat(32) })), [DELIVERED]);
  t.is((await (await mlflow()).find("Default")).runs.length, 1);
});

test("what comes for a run that was deleted, removed or never began is refused, and nothing else", async (t) => {
  const { write, query, store } = await setUp(t);
  await write(pack(1, [["loss", 1n, 1n, 1]]), pack(1, [], { runId: OTHER_RUN_ID }));
  await query(`UPDATE runs SET lifecycle_stage = 'deleted' WHERE run_uuid = '${RUN_ID}'`);
  await query(`DELETE FROM tags WHERE run_uuid = '${OTHER_RUN_ID}'`);
  await query(`DELETE FROM runs WHERE run_uuid = '${OTHER_RUN_ID}'`);
  const unknown = pack(1, [["loss", 1n, 1n, 1]], { runId: "7".repeat(32), start: undefined });
  const packs = [
    pack(2, [["loss", 2n, 2n, 2]]),
    pack(2, [["loss", 2n, 2n, 2]], { runId: OTHER_RUN_ID }),
    unknown,
  ];
  t.like(await write(...packs, pack(1, [], { runId: "8".repeat(32) })), [
    { kind: "refused", code: "STEPWELL_RUN_DELETED" },
    { kind: "refused", code: "STEPWELL_RUN_DELETED" },
    { kind: "refused", code: "STEPWELL_RUN_UNKNOWN" },
    DELIVERED,
  ]);
  t.deepEqual(await query(countOf), [[1]]);
  const [answer] = await store.standing([{ author: AUTHOR, runId: RUN_ID, after: undefined }]);
  t.like(answer?.cursor, { seq: 1 });
});

function ofModel(modelId: string, points: readonly Point[], more: Partial<MetricRows> = {}): MetricRows {
  const rows = rowsOf(points);
  return { ...rows, modelIds: rows.keys.map(() => modelId), ...more };
}

test("points of a model are with the model, too; one that it can't have is refused for the model alone", async (t) => {
  const { write, mlflow } = await setUp(t);
  await write(pack(1));
  const client = await mlflow();
  const model = await client.makeModel(RUN_ID);
  const points: Point[] = [
    ["accuracy", 1n, 5n, 0.5],
    ["bound", -1n, 7n, Number.POSITIVE_INFINITY],
    ["nan", 3n, 8n, Number.NaN],
  ];
  const datasets = [{ name: "digits", digest: "d1" }, undefined, undefined];
  t.deepEqual(await write(pack(2, [], { metrics: ofModel(model, points, { datasets }) })), [DELIVERED]);
  const again = ofModel(model, [
    points[0] ?? ["", 0n, 0n, 0],
    ["accuracy", 1n, 5n, 0.25],
    ["late", 1n, 1n, 1],
  ]);
  const stray = ofModel("m-none", [["stray", 1n, 5n, 3]]);
  const [known, unknown] = await write(
    pack(3, [], { metrics: again }),
    pack(1, [], { author: OTHER_HOME, metrics: stray }),
  );
  t.like(known, {
    refused: [{ kind: "metric", key: "accuracy", value: 0.25, code: "STEPWELL_ENTRY_REFUSED" }],
  });
  t.like(unknown, { refused: [{ key: "stray", modelId: "m-none", code: "STEPWELL_MODEL_UNKNOWN" }] });
  t.deepEqual(await client.modelMetrics(model), [
    ["accuracy", "1", "5", "0.5", RUN_ID],
    ["bound", "-1", "7", "1.7976931348623157e+308", RUN_ID],
    ["late", "1", "1", "1.0", RUN_ID],
    ["nan", "3", "8", "0.0", RUN_ID],
  ]);
  const { history } = await client.read(RUN_ID);
  t.deepEqual([history["accuracy"]?.length, history["stray"]?.length], [2, 1]);
});
