import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { scratchFolder } from "../../support/folder.js";
import { MLFLOW_2, MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../../support/python-environment.js";
import { testWith } from "../../support/test-with.js";
import { placeEmptyDatabase } from "../../support/warm-mlflow.js";
import { query } from "./database.js";
import { OTHER_RUN_ID, type Point, pack, RUN_ID, START, sinkFor, trainingPoints } from "./packs.js";
import { RealMlflow } from "./real-mlflow.js";

const SPECIAL: Point[] = [
  ["nan", -1n, 5n, Number.NaN],
  ["nan", -2n, 5n, 2],
  ["inf", 0n, 5n, Number.POSITIVE_INFINITY],
  ["inf", 1n, 5n, Number.NEGATIVE_INFINITY],
  ["Präzision/漢字", 2n ** 63n - 1n, 2n ** 53n + 1n, 0.1 + 0.2],
  ["tiny", -(2n ** 63n), 0n, 5e-324],
  ["ties", 3n, 1n, 1],
  ["ties", 3n, 2n, -4],
  ["ties", 3n, 2n, -5],
];
const PARAMS = [
  { key: "lr", value: "0.1" },
  { key: "long", value: "é".repeat(6_000) },
  { key: "empty", value: "" },
];
const TAGS = [
  { key: "phase", value: "warm-up 🔥" },
  { key: "long", value: "x".repeat(8_000) },
];

/** A point as MLflow's Python shows it. */
function shown([, step, timestampMs, value]: Point): [string, string, number] {
  const finite =
    value === Number.POSITIVE_INFINITY
      ? Number.MAX_VALUE
      : value === Number.NEGATIVE_INFINITY
        ? -Number.MAX_VALUE
        : value;
  return [String(step), String(timestampMs), finite];
}

function historyOf(points: readonly Point[]): Map<string, [string, string, number][]> {
  const history = new Map<string, [string, string, number][]>();
  for (const point of points) history.set(point[0], [...(history.get(point[0]) ?? []), shown(point)]);
  return history;
}

const numberOf = (text: string) => (text === "nan" ? Number.NaN : Number(text));
const byStep = (a: readonly [string, ...unknown[]], b: readonly [string, ...unknown[]]) => {
  const difference = BigInt(a[0]) - BigInt(b[0]);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
};

async function compareHistory(
  t: ExecutionContext,
  mlflow: RealMlflow,
  runId: string,
  points: readonly Point[],
): Promise<void> {
  const { history } = await mlflow.read(runId);
  const wanted = historyOf(points);
  t.deepEqual(Object.keys(history).sort(), [...wanted.keys()].sort());
  for (const [key, list] of wanted) {
    const found = (history[key] ?? []).map(([step, ms, value]): [string, string, number] => [
      step,
      ms,
      numberOf(value),
    ]);
    // Points of one step keep no order in MLflow.
    const order = (a: [string, string, number], b: [string, string, number]) =>
      byStep(a, b) || Number(a[1]) - Number(b[1]) || a[2] - b[2];
    t.deepEqual(found.sort(order), [...list].sort(order), key);
  }
}

for (const wanted of [MLFLOW_3, MLFLOW_2]) {
  const version = wanted.requirements[0];

  testWith(wanted)(
    `${version} reads back every point, param and tag of a run, and both write on`,
    async (t) => {
      t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
      const { sink, databasePath, artifactRoot } = await sinkFor(t);
      const mlflow = await RealMlflow.start(t, wanted, databasePath);
      const points = [...SPECIAL, ...trainingPoints(0, 300)];
      t.deepEqual(await sink.send([pack(1, points, { params: PARAMS, tags: TAGS })]), [
        { kind: "delivered", refused: [] },
      ]);

      const run = await mlflow.read(RUN_ID);
      t.like(run, {
        experiment: "digits",
        name: "brave-brook-7",
        status: "RUNNING",
        start: START.startTimeMs,
        end: null,
      });
      t.is(run.artifacts, `${artifactRoot}/1/${RUN_ID}/artifacts`);
      t.deepEqual(run.params, Object.fromEntries(PARAMS.map(({ key, value }) => [key, value])));
      const standard = {
        "mlflow.user": "ada",
        "mlflow.source.name": "train.py",
        "mlflow.source.type": "LOCAL",
        "mlflow.runName": "brave-brook-7",
      };
      t.deepEqual(run.tags, {
        ...standard,
        ...Object.fromEntries(TAGS.map(({ key, value }) => [key, value])),
      });
      t.like(run.latest, {
        inf: String(-1.7976931348623157e308).replace("e+", "e+"),
        ties: "-4.0",
        tiny: "5e-324",
        nan: "nan",
      });
      t.is(Number(run.latest["Präzision/漢字"]), 0.1 + 0.2);
      await compareHistory(t, mlflow, RUN_ID, points);

      const { own } = await mlflow.write(RUN_ID);
      const shared: Point[] = Array.from({ length: 50 }, (_, step) => ["shared", BigInt(step), 7n, step]);
      const more: Point[] = [...shared, ["theirs", 1n, 5n, 99], ...trainingPoints(300, 100)];
      const end = { status: "KILLED", endTimeMs: START.startTimeMs + 60_000 } as const;
      t.deepEqual(await sink.send([pack(2, more, { end, params: [{ key: "their", value: "p" }] })]), [
        { kind: "delivered", refused: [] },
      ]);
      t.like(await mlflow.read(RUN_ID), {
        status: "KILLED",
        end: end.endTimeMs,
        latest: { theirs: "1.5", shared: "49.0" },
      });
      await compareHistory(t, mlflow, RUN_ID, [...points, ["theirs", 2n, 5n, 1.5], ...more]);

      t.deepEqual(
        await sink.send([
          pack(1, [], { runId: OTHER_RUN_ID, start: { ...START, experimentName: "Neu ✨" } }),
        ]),
        [{ kind: "delivered", refused: [] }],
      );
      const found = await mlflow.find();
      t.deepEqual(found.runs.sort(), [RUN_ID, own].sort());
      t.deepEqual(found.experiments.sort(), ["Default", "Neu ✨", "digits"]);
      await mlflow.end(OTHER_RUN_ID, "KILLED");
      t.is((await mlflow.read(OTHER_RUN_ID)).status, "KILLED");
      t.deepEqual(query(databasePath, "PRAGMA foreign_key_check"), []);
      t.deepEqual(query(databasePath, "PRAGMA integrity_check"), [["ok"]]);
    },
  );
}

/** What is in a database, in one spelling; a table's lines sorted, because MLflow's own come in any order. */
function schemaOf(path: string): unknown[] {
  const rows = query(
    path,
    "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'stepwell\\_%' ESCAPE '\\' ORDER BY type, name",
  );
  return rows.map(([type, name, table, sql]) => [
    type,
    name,
    table,
    ...linesOf(typeof sql === "string" ? sql : ""),
  ]);
}

function linesOf(sql: string): string[] {
  const spelled = sql.replace(/["\s]+/g, " ").replace(/ ?([(),]) ?/g, "$1");
  const lines = [""];
  let depth = 0;
  for (const character of spelled) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (character === "," && depth === 1) lines.push("");
    else lines.push(lines.pop() + character);
  }
  return lines.map((line) => line.replace(/^CREATE TABLE \w+\(/, "")).sort();
}

testWith(MLFLOW_2)(
  "a new database has exactly the tables, constraints and indexes that MLflow 2.2.1 makes",
  async (t) => {
    t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
    const { sink, databasePath } = await sinkFor(t);
    await sink.send([pack(1)]);
    const theirs = join(await scratchFolder(t), "mlflow.db");
    t.deepEqual(await (await RealMlflow.start(t, MLFLOW_2, theirs)).find("Default"), {
      runs: [],
      experiments: ["Default"],
    });
    t.true(schemaOf(theirs).length > 20);
    t.deepEqual(schemaOf(databasePath), schemaOf(theirs));
    t.deepEqual(
      query(databasePath, "SELECT * FROM alembic_version"),
      query(theirs, "SELECT * FROM alembic_version"),
    );
  },
);

testWith(MLFLOW_3)(
  "a database that MLflow made itself is taken up: its experiments, workspaces and artifact places",
  async (t) => {
    t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
    const folder = await scratchFolder(t);
    const databasePath = join(folder, "their.db");
    await placeEmptyDatabase(databasePath);
    const mlflow = await RealMlflow.start(t, MLFLOW_3, databasePath);
    await mlflow.makeExperiment("digits", `${folder}/elsewhere`);
    const { sink } = await sinkFor(t, { databasePath });
    const other = pack(1, [["loss", 1n, 1n, 1]], {
      runId: OTHER_RUN_ID,
      start: { ...START, experimentName: "new" },
    });
    t.deepEqual(
      (await sink.send([pack(1, SPECIAL), other])).map(({ kind }) => kind),
      ["delivered", "delivered"],
    );
    t.is((await mlflow.read(RUN_ID)).artifacts, `${folder}/elsewhere/${RUN_ID}/artifacts`);
    await compareHistory(t, mlflow, RUN_ID, SPECIAL);
    t.is((await mlflow.read(OTHER_RUN_ID)).experiment, "new");
    t.deepEqual(
      query(databasePath, "SELECT name, workspace, creation_time FROM experiments WHERE name = 'new'"),
      [["new", "default", "1700000000500"]],
    );
  },
);
