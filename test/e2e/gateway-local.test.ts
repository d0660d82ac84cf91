/**
 * Programs that know nothing of Stepwell on a local tracker, with no MLflow server: they leave what they leave when they
 * open a file by themselves, and MLflow that opens the tracker's file finds the same in it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ExecutionContext } from "ava";
import Database from "libsql";
import { scratchFolder } from "../support/folder.js";
import { gatewayAddressIn } from "../support/gateway-address.js";
import { twoPythons } from "../support/gateway-programs.js";
import { type DaemonProcess, type ScratchHome, scratchHome } from "../support/home.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { serialTestWith } from "../support/test-with.js";
import { until } from "../support/until.js";
import { placeWarmPython } from "../support/warm-mlflow.js";

const test = serialTestWith(MLFLOW_3);
/** A Python that is none: nobody finds an MLflow by it. */
const NO_PYTHON = { STEPWELL_PYTHON: "/none/python" };

interface RunAnswer {
  readonly run: { readonly info: { readonly run_id: string } };
}

/** A home with its own tracker, and the address of that. */
async function localHome(
  t: ExecutionContext,
  env: Readonly<Record<string, string>>,
): Promise<{ home: ScratchHome; daemon: DaemonProcess; uri: string; file: string }> {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const home = await scratchHome(t);
  const daemon = await home.startDaemon({ env });
  await home.json(["experiment-tracker", "register", "local", "--flavor=mlflow"]);
  await home.json(["stack", "register", "local", "-e", "local", "--set"]);
  const { stdout } = await home.stepwell(["env"]);
  const uri = gatewayAddressIn(stdout);
  return { home, daemon, uri, file: `sqlite:///${home.paths.artifactStoreFolder}/mlflow.db` };
}

test("programs leave in a local tracker's file what they leave in one of their own, with no server", async (t) => {
  const { home, uri, file } = await localHome(t, NO_PYTHON);
  const [through, direct] = await twoPythons();
  const own = `sqlite:///${join(await scratchFolder(t), "own.db")}`;
  // From the second one on the file is as MLflow left it when it looked.
  for (const program of ["organise", "artifacts", "fluent", "client", "asynchronous", "autolog"]) {
    const said = await through.do({ do: program, uri, experiment: program });
    const wanted = await direct.do({ do: program, uri: own, experiment: program });
    t.deepEqual([said.error, wanted.error], [undefined, undefined], program);
    t.deepEqual(said.result, wanted.result, program);
    t.is((await home.here(["flush", "--timeout=60"])).code, 0);
    const show = { do: "show", experiment: program };
    const shown = await direct.do({ ...show, uri: own });
    t.true(Object.keys(shown).length > 0, program);
    t.deepEqual(await through.do({ ...show, uri }), shown, `${program}, by the daemon`);
    if (program !== "organise")
      t.deepEqual(await direct.do({ ...show, uri: file }), shown, `${program}, in the file`);
  }
  const organised = { do: "show", experiment: "organise" };
  t.deepEqual(await direct.do({ ...organised, uri: file }), await direct.do({ ...organised, uri: own }));
});

test("what only MLflow's own server has is refused at once where there is no MLflow", async (t) => {
  const { home, uri } = await localHome(t, NO_PYTHON);
  for (const [method, path] of [
    ["POST", "/api/2.0/mlflow/registered-models/create"],
    ["POST", "/api/3.0/mlflow/traces/search"],
    ["GET", "/"],
  ] as const) {
    const answer = await fetch(`${uri}${path}`, method === "GET" ? {} : { method, body: "{}" });
    const body = (await answer.json()) as Record<string, string>;
    t.deepEqual([answer.status, body["error_code"]], [501, "NOT_IMPLEMENTED"], path);
    t.regex(body["message"] ?? "", /need MLflow.*stepwell integration install mlflow/);
  }
  const unknown = await fetch(`${uri}/api/5.0/mlflow/nothing/of/that/kind`);
  t.is(unknown.status, 404);
  t.regex(await unknown.text(), /not found on the server/);
  const headers = { "content-type": "application/json" };
  const created = await fetch(`${uri}/api/2.0/mlflow/runs/create`, { method: "POST", headers, body: "{}" });
  const { error_code: code } = (await created.json()) as Record<string, string>;
  t.deepEqual([created.status, code], [400, "BAD_REQUEST"]);
  await searchWhileLocked(t, home, uri);
});

/** Somebody has the file locked for longer than the sink waits: a search waits until what was logged is there. */
async function searchWhileLocked(t: ExecutionContext, home: ScratchHome, uri: string): Promise<void> {
  const post = async (path: string, body: object) =>
    await fetch(`${uri}/api/2.0/mlflow/runs/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const made = (await (await post("create", { experiment_id: "0" })).json()) as RunAnswer;
  const { run_id } = made.run.info;
  const other = new Database(join(home.paths.artifactStoreFolder, "mlflow.db"));
  t.teardown(() => other.close());
  other.exec("BEGIN EXCLUSIVE");
  t.is((await post("set-tag", { run_id, key: "late", value: "1" })).status, 200);
  const lanes = async () => ((await home.json(["status"])) as { lanes: { state: string }[] }).lanes;
  await until("the lane waits", lanes, (all) => all.some(({ state }) => state === "retrying"));
  const search = post("search", { experiment_ids: ["0"], filter: "tags.late = '1'" });
  t.is(await Promise.race([search.then(() => "answered"), sleep(200, "waiting")]), "waiting");
  other.exec("ROLLBACK");
  t.is(((await (await search).json()) as { runs: unknown[] }).runs.length, 1);
}

test("the registry, traces and pages are an MLflow server's, which comes when it is needed and goes with the daemon", async (t) => {
  const interpreter = join(await scratchFolder(t), "python");
  await placeWarmPython(interpreter);
  const env = { STEPWELL_PYTHON: interpreter, STEPWELL_MLFLOW_IDLE_SECONDS: "2" };
  const { home, uri, file, daemon } = await localHome(t, env);
  const [through, direct] = await twoPythons();
  const own = `sqlite:///${join(await scratchFolder(t), "own.db")}`;
  const said = await through.do({ do: "registry", uri, experiment: "r" });
  const wanted = await direct.do({ do: "registry", uri: own, experiment: "r" });
  t.deepEqual([said.error, wanted.error], [undefined, undefined]);
  t.deepEqual(said.result, wanted.result);
  const seen = await direct.do({ do: "versions", uri: file, experiment: "r" });
  t.deepEqual(seen.result, { served: [], predicts: 3 }, seen.error ?? "");

  await until(
    "nobody needs it",
    () => servers(home),
    ([last]) => last !== undefined && !isAlive(last),
    { withinMs: 60_000 },
  );
  const page = await fetch(`${uri}/`);
  t.is(page.status, 200);
  t.regex(await page.text(), /<html/);
  const [last = 0] = servers(home);
  t.is(servers(home).length, 2);
  t.true(isAlive(last));
  const url = [
    ...readFileSync(home.paths.logFile, "utf8").matchAll(/local store answers","url":"([^"]+)"/g),
  ].at(-1)?.[1];
  t.is((await fetch(`${url}/health`)).status, 401, "it answers nobody else");
  await daemon.end("SIGKILL");
  await until(
    "it went with the daemon",
    () => isAlive(last),
    (alive) => !alive,
    { withinMs: 60_000 },
  );
});

/** Processes of the home's MLflow servers, the last one first. */
function servers(home: ScratchHome): number[] {
  const lines = readFileSync(home.paths.logFile, "utf8").matchAll(
    /an MLflow server of a local store is started.*"pid":(\d+)/g,
  );
  return [...lines].map(([, pid]) => Number(pid)).reverse();
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
