/** Many MLflow programs at once on one daemon: each has all of its own, and none waits while others go on. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import Database from "libsql";
import { scratchFolder } from "../support/folder.js";
import { gatewayAddressIn } from "../support/gateway-address.js";
import { scratchHome } from "../support/home.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { testWith } from "../support/test-with.js";
import { until } from "../support/until.js";
import { runWarm } from "../support/warm-mlflow.js";

const test = testWith(MLFLOW_3);
const PROGRAMS = 64;
/** Calls of the slowest program when all are told to stop. */
const CALLS_MIN = 5;
/** How many times as many calls the quickest one may have made by then. */
const UNFAIR = 10;

/** One of the programs, with what it said so far. */
interface One {
  readonly name: string;
  readonly heard: string[];
  calls(): number;
  tell(line: string): void;
}

async function startOne(name: string, uri: string, folder: string): Promise<One> {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, MLFLOW_TRACKING_URI: uri };
  const { stream } = await runWarm(["test/e2e/one_of_many.py", name], env, folder);
  const heard: string[] = [];
  createInterface({ input: stream }).on("line", (line) => heard.push(line));
  return {
    name,
    heard,
    calls: () => heard.filter((line) => line === "logged").length,
    tell: (line) => void stream.write(`${line}\n`),
  };
}

const LONG = { withinMs: 300_000 };

test("64 programs at once: each one's metrics, param and artifact are in the store, and none is starved", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const home = await scratchHome(t);
  await home.json(["experiment-tracker", "register", "local", "--flavor=mlflow"]);
  await home.json(["stack", "register", "local", "-e", "local", "--set"]);
  const uri = gatewayAddressIn((await home.here(["env"])).stdout);
  const folder = await scratchFolder(t);
  const names = Array.from({ length: PROGRAMS }, (_, index) => `program ${index}`);
  const all = await Promise.all(names.map((name) => startOne(name, uri, folder)));
  const said = (line: string) => () => all.filter(({ heard }) => heard.includes(line)).length;
  await until("all are ready", said("ready"), (count) => count === PROGRAMS, LONG);
  for (const one of all) one.tell("go");
  const least = () => Math.min(...all.map((one) => one.calls()));
  await until("each has logged", least, (calls) => calls >= CALLS_MIN, LONG);
  const most = Math.max(...all.map((one) => one.calls()));
  t.true(most <= UNFAIR * least(), `${least()} to ${most} calls`);
  for (const one of all) one.tell("stop");
  await until("all are done", said("done"), (count) => count === PROGRAMS, LONG);
  t.is((await home.here(["flush", "--timeout=300"])).code, 0);

  const root = home.paths.artifactStoreFolder;
  const database = new Database(join(root, "mlflow.db"));
  t.teardown(() => database.close());
  const rows = database
    .prepare(
      `SELECT name, status, artifact_uri AS uri, (SELECT value FROM params p WHERE p.run_uuid = r.run_uuid) AS param,
      (SELECT group_concat(step || ':' || value) FROM (SELECT step, value FROM metrics m WHERE m.run_uuid = r.run_uuid
      ORDER BY step)) AS points FROM runs r`,
    )
    .all() as { name: string; status: string; uri: string; param: string; points: string }[];
  t.is(rows.length, PROGRAMS);
  for (const one of all) {
    const row = rows.find(({ name }) => name === one.name);
    const points = Array.from({ length: one.calls() }, (_, step) => `${step}:${2 * step}.0`).join(",");
    t.like(row, { status: "FINISHED", param: one.name, points });
    t.is(readFileSync(join(row?.uri ?? "", "who.txt"), "utf8"), one.name);
  }
});
