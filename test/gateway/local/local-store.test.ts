/** A local store without MLflow: files that are new, older, busy or replaced, and its thread. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import Database from "libsql";
import { LocalStore, type LocalStoreOptions } from "../../../src/gateway/local/local-store.js";
import { query } from "../../sinks/mlflow-sqlite/database.js";
import { until } from "../../support/until.js";
import { addRun, ask, RUN_ID } from "./old-file.js";

const folder = mkdtempSync(join(tmpdir(), "stepwell-test-"));
const stores: LocalStore[] = [];

function open(
  name: string,
  options: Pick<LocalStoreOptions, "busyTimeoutMs" | "entry" | "idleMs" | "mayMake" | "onUpgraded"> = {},
): LocalStore {
  const store = new LocalStore({ databasePath: join(folder, name), artifactRoot: "/artifacts", ...options });
  stores.push(store);
  return store;
}

/** A thread's module. */
function module(text: string): URL {
  return new URL(
    `data:text/javascript,import { parentPort } from "node:worker_threads"; ${encodeURIComponent(text)}`,
  );
}

test.after.always(async () => {
  for (const store of stores) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

test("a file that is not there is made, with MLflow's first experiment, for this user alone", async (t) => {
  const store = open("new/mlflow.db");
  const { status, json } = await ask(store, "GET", "experiments/get", { experiment_id: "0" });
  t.is(status, 200);
  t.like(json, { experiment: { name: "Default", artifact_location: "/artifacts/0", workspace: "default" } });
  t.is(statSync(join(folder, "new/mlflow.db")).mode & 0o777, 0o600);
  const made = await ask(store, "POST", "experiments/create", { name: "n" });
  t.deepEqual(made, { status: 200, json: { experiment_id: "1" } });
});

test("a file that runs were delivered to is not made anew where it is missing, or has nothing in it", async (t) => {
  let isNew = false;
  const store = open("gone/mlflow.db", { mayMake: () => isNew });
  const path = join(folder, "gone/mlflow.db");
  const look = () => ask(store, "GET", "experiments/get", { experiment_id: "0" });
  const refused = { status: 503, json: { error_code: "TEMPORARILY_UNAVAILABLE" } };
  t.like(await look(), refused);
  t.false(existsSync(path));
  mkdirSync(join(folder, "gone"));
  writeFileSync(path, "");
  t.like(await look(), refused);
  t.like(await ask(store, "POST", "experiments/create", { name: "n" }), refused);
  t.is(statSync(path).size, 0);
  rmSync(path);
  isNew = true;
  t.is((await look()).status, 200);
});

test("what is asked by an id does not wait behind a search", async (t) => {
  const slow = module(
    "parentPort.on('message', ({ kind, route }) => { if (kind === 'close') parentPort.close(); else if (route !== 'search-runs') parentPort.postMessage({ kind: 'answer', status: 200, body: '{}' }); })",
  );
  const store = open("two.db", { entry: slow });
  const search = ask(store, "POST", "runs/search", {});
  t.is((await ask(store, "GET", "runs/get", { run_id: RUN_ID })).status, 200);
  await store.close();
  t.is((await search).status, 503);
});

test("places of artifacts are searched by as programs see them", async (t) => {
  const databasePath = join(folder, "places.db");
  const store = new LocalStore({ databasePath, artifactRoot: "/a", servesArtifacts: true });
  stores.push(store);
  await ask(store, "GET", "experiments/get", { experiment_id: "0" });
  addRun(databasePath);
  const found = async (filter: string) => {
    const { json } = await ask(store, "POST", "runs/search", { experiment_ids: ["0"], filter });
    return (json["runs"] as { info: { artifact_uri: string } }[] | undefined)?.map(
      ({ info }) => info.artifact_uri,
    );
  };
  const shown = "mlflow-artifacts:/artifacts";
  t.deepEqual(await found(`artifact_uri = '${shown}'`), [shown]);
  t.deepEqual(await found("artifact_uri LIKE 'mlflow-artifacts:%'"), [shown]);
  t.is(await found("artifact_uri LIKE '/a/%'"), undefined);
});

test("a path of another route is none of its own", async (t) => {
  const store = open("routes.db");
  const base = { query: new URLSearchParams(), body: {} };
  for (const [method, path] of [
    ["POST", "/api/2.0/mlflow/runs/create"],
    ["POST", "/api/2.0/mlflow/runs/get"],
    ["GET", "/api/2.0/mlflow/metrics/get-history-bulk"],
    ["GET", "/api/2.0/mlflow/logged-models/"],
    ["GET", "/"],
  ] as const)
    t.is(await store.answer({ method, path, ...base }), "unknown route", path);
});

test("what an older file has no tables for is empty, until it is written: then it is upgraded as far as that takes", async (t) => {
  const upgrades: string[] = [];
  const store = open("older.db", { onUpgraded: (release) => upgrades.push(release) });
  const revision = () => query(join(folder, "older.db"), "SELECT version_num FROM alembic_version");
  await ask(store, "GET", "experiments/get", { experiment_id: "0" });
  addRun(join(folder, "older.db"));
  const search = { experiment_ids: ["0"], filter: "dataset.name = 'd'" };
  t.deepEqual(await ask(store, "POST", "runs/search", search), { status: 200, json: {} });
  t.deepEqual(await ask(store, "POST", "logged-models/search", { experiment_ids: ["0"] }), {
    status: 200,
    json: {},
  });
  t.like(await ask(store, "GET", "runs/get", { run_id: RUN_ID }), {
    json: { run: { inputs: {}, outputs: {} } },
  });
  t.deepEqual(revision(), [["97727af70f4d"]]);

  const dataset = { name: "d", digest: "1", source_type: "local", source: "s" };
  const found = { json: { runs: [{ inputs: { dataset_inputs: [{ dataset }] } }] } };
  t.is(
    (await ask(store, "POST", "runs/log-inputs", { run_id: RUN_ID, datasets: [{ dataset }] })).status,
    200,
  );
  t.like(await ask(store, "POST", "runs/search", search), found);
  t.deepEqual(revision(), [["7f2a7d5fae7d"]]);
  t.deepEqual(await ask(store, "POST", "logged-models/search", { experiment_ids: ["0"] }), {
    status: 200,
    json: {},
  });

  const { json } = await ask(store, "POST", "logged-models", { experiment_id: "0", name: "net" });
  const { model_id } = (json["model"] as { info: { model_id: string } }).info;
  const outputs = { run_id: RUN_ID, models: [{ model_id, step: 3 }] };
  t.is((await ask(store, "POST", "runs/outputs", outputs)).status, 200);
  t.like(await ask(store, "POST", "runs/search", search), found);
  t.like(await ask(store, "GET", "runs/get", { run_id: RUN_ID }), {
    json: { run: { outputs: { model_outputs: [{ model_id, step: 3 }] } } },
  });
  t.deepEqual(revision(), [["6953534de441"]]);
  t.deepEqual(upgrades, ["2.4", "3.0"]);
  t.deepEqual(query(join(folder, "older.db"), "PRAGMA foreign_key_check"), []);
});

test("an older file of another revision is not upgraded, and says how it can be", async (t) => {
  const store = open("between.db");
  await ask(store, "GET", "experiments/get", { experiment_id: "0" });
  addRun(join(folder, "between.db"));
  const database = new Database(join(folder, "between.db"));
  database.exec("UPDATE alembic_version SET version_num = '2d6e25af4d3e'");
  database.close();
  const { status, json } = await ask(store, "POST", "runs/log-inputs", { run_id: RUN_ID, datasets: [] });
  t.is(status, 500);
  t.regex(String(json["message"]), /lacks the tables of datasets.* mlflow db upgrade sqlite:\/\/\//);
  const model = await ask(store, "POST", "logged-models", { experiment_id: "0", name: "net" });
  t.is(model.status, 500);
  t.is((await ask(store, "GET", "runs/get", { run_id: RUN_ID })).status, 200);
});

test("a step of 64 bits comes as it is", async (t) => {
  const store = open("wide.db");
  await ask(store, "GET", "experiments/get", { experiment_id: "0" });
  addRun(join(folder, "wide.db"));
  const query = new URLSearchParams({ run_id: RUN_ID, metric_key: "loss" });
  const answer = await store.answer({
    method: "GET",
    path: "/api/2.0/mlflow/metrics/get-history",
    query,
    body: {},
  });
  t.regex(answer === "unknown route" ? "" : answer.body, /"step": 9007199254740993\n/);
});

test("a file that somebody keeps locked is told to be asked again, and asked again it answers", async (t) => {
  const store = open("busy.db", { busyTimeoutMs: 50 });
  t.is((await ask(store, "POST", "experiments/create", { name: "a" })).status, 200);
  const other = new Database(join(folder, "busy.db"));
  other.exec("BEGIN EXCLUSIVE");
  for (const [method, path] of [
    ["GET", "experiments/get"],
    ["POST", "experiments/delete"],
  ] as const) {
    const { status, json } = await ask(store, method, path, { experiment_id: "1" });
    t.is(status, 503);
    t.is(json["error_code"], "TEMPORARILY_UNAVAILABLE");
  }
  other.exec("ROLLBACK");
  other.close();
  t.is((await ask(store, "POST", "experiments/delete", { experiment_id: "1" })).status, 200);
});

test("a file that takes the other's place is read from then on", async (t) => {
  const [store, other] = [open("place.db"), open("other.db")];
  await ask(store, "POST", "experiments/create", { name: "mine" });
  await ask(other, "POST", "experiments/create", { name: "theirs" });
  await other.close();
  renameSync(join(folder, "other.db"), join(folder, "place.db"));
  t.is((await ask(store, "GET", "experiments/get-by-name", { experiment_name: "mine" })).status, 404);
  t.is((await ask(store, "GET", "experiments/get-by-name", { experiment_name: "theirs" })).status, 200);
});

test("a folder in the place of the file is a fault, which the file below it does not share", async (t) => {
  const store = open("folder");
  const { status, json } = await ask(open("folder/in/it.db"), "GET", "experiments/get", {
    experiment_id: "0",
  });
  t.is(status, 200);
  t.is(json["error_code"], undefined);
  const fault = await ask(store, "GET", "experiments/get", { experiment_id: "0" });
  t.is(fault.status, 500);
  t.regex(String(fault.json["message"]), /a folder, where only a plain file can be used/);
});

test("a thread that breaks fails what it was asked, and another one is started", async (t) => {
  const store = open("broken.db", {
    entry: module('parentPort.on("message", () => { throw new Error("broke"); });'),
  });
  for (let round = 0; round < 2; round++) {
    const { status, json } = await ask(store, "GET", "experiments/get", { experiment_id: "0" });
    t.is(status, 503);
    t.regex(String(json["message"]), /failed: broke/);
  }
});

test("no more requests wait than may", async (t) => {
  const close = 'if (kind === "close") { parentPort.postMessage({ kind: "closed" }); parentPort.close(); }';
  const store = open("full.db", { entry: module(`parentPort.on("message", ({ kind }) => { ${close} });`) });
  const waiting = Array.from({ length: 256 }, () =>
    ask(store, "GET", "experiments/get", { experiment_id: "0" }),
  );
  const { status, json } = await ask(store, "GET", "experiments/get", { experiment_id: "0" });
  t.is(status, 503);
  t.regex(String(json["message"]), /256 requests wait/);
  await store.close();
  for (const each of await Promise.all(waiting)) t.is(each.status, 503);
});

test("a thread that nobody asks ends, and another one answers", async (t) => {
  const answer = "{ kind: 'answer', status: 200, body: JSON.stringify({ thread: threadId }) }";
  const reply = `parentPort.postMessage(kind === "close" ? { kind: "closed" } : ${answer})`;
  const script = `import { threadId } from "node:worker_threads"; parentPort.on("message", ({ kind }) => { ${reply}; if (kind === "close") parentPort.close(); });`;
  const store = open("idle.db", { entry: module(script), idleMs: 1 });
  const thread = async () =>
    (await ask(store, "GET", "experiments/get", { experiment_id: "0" })).json["thread"];
  const first = await thread();
  t.not(await until("another one answers", thread, (now) => now !== first), first);
});

test("what was asked before the end is answered, and nothing after it", async (t) => {
  const store = open("end.db");
  const asked = ask(store, "POST", "experiments/create", { name: "last" });
  const closed = store.close();
  t.is((await ask(store, "POST", "experiments/create", { name: "late" })).status, 503);
  t.is((await asked).status, 200);
  await closed;
});
