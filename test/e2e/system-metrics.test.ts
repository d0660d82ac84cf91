/** Metrics of the system in runs, by the real daemon, beside MLflow's own names for them. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "ava";
import { query } from "../sinks/mlflow-sqlite/database.js";
import { homeForAll } from "../support/home-for-all.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX, pythonEnvironment } from "../support/python-environment.js";
import { testWith } from "../support/test-with.js";

/** A home whose daemon finds a tool that tells of one GPU. */
const homeOf = homeForAll(test, async (home) => {
  const bin = join(dirname(home.paths.home), "bin");
  mkdirSync(bin);
  writeFileSync(
    join(bin, "nvidia-smi"),
    // As the real one goes on: what it has said counts for three seconds, and a busy machine may look once in them.
    "#!/bin/sh\nwhile echo '0, 37, 1024, 81920, 215.53, 700.00, 61'; do sleep 1; done\n",
  );
  chmodSync(join(bin, "nvidia-smi"), 0o755);
  await home.startDaemon({ env: { PATH: `${bin}:${home.env["PATH"]}` } });
});
const CPU = "key = 'system/cpu_utilization_percentage'";
const pathOf = () => `${homeOf().paths.artifactStoreFolder}/mlflow.db`;

/** What MLflow's own code calls them, with one GPU. */
async function namesOfMlflow(): Promise<string[]> {
  const python = await pythonEnvironment(MLFLOW_3);
  const lib = join(dirname(dirname(python)), "lib");
  const folder = join(lib, readdirSync(lib)[0] ?? "", "site-packages/mlflow/system_metrics/metrics");
  const names = ["cpu", "disk", "network", "gpu"].flatMap((monitor) => {
    const source = readFileSync(join(folder, `${monitor}_monitor.py`), "utf8");
    return [...source.matchAll(/_metrics\[\s*f?"([^"]+)"\s*\]/g)].map(([, name = ""]) =>
      name.replace("{i}", "0"),
    );
  });
  return [...new Set(names)].sort();
}

testWith(MLFLOW_3)("a stopped program misses no point, and the names are MLflow's", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const home = homeOf();
  // The shell can do nothing at all for three seconds.
  const stopped = "(sleep 4.2; kill -CONT $$) & kill -STOP $$; wait";
  const ran = await home.stepwell(["run", "--system-metrics=1", "--run-name=r", "--", "sh", "-c", stopped]);
  t.is(ran.code, 0, ran.stderr);
  t.is((await home.here(["flush"])).code, 0);
  const rows = query(
    pathOf(),
    "SELECT key, count(DISTINCT step), count(DISTINCT timestamp) FROM metrics JOIN runs USING (run_uuid) WHERE name = 'r' GROUP BY key",
  );
  const names = rows.map(([key]) => String(key));
  const expected = await namesOfMlflow();
  t.true(expected.length > 12);
  t.deepEqual(
    names.filter((name) => !/process\/|celsius/.test(name)).sort(),
    expected.map((name) => `system/${name}`),
  );
  if (process.platform === "linux") t.true(names.includes("system/process/cpu_utilization_percentage"));
  for (const [key, steps, times] of rows) t.true(Number(steps) >= 2 && steps === times, `${key}: ${steps}`);
  const [tag] = query(
    pathOf(),
    "SELECT t.value FROM tags t JOIN runs USING (run_uuid) WHERE t.key = 'stepwell.system_metrics' AND name = 'r'",
  );
  t.deepEqual(tag, ["1"]);
});

test("a tracker's setting logs them to each run of it; one outside of the bounds is refused", async (t) => {
  const home = homeOf();
  const register = (value: string) =>
    home.here([
      "experiment-tracker",
      "register",
      `t${value}`,
      "--flavor=mlflow",
      `--system_metrics=${value}`,
    ]);
  for (const value of ["0.5", "3601", "often"]) {
    const refused = await register(value);
    t.is(refused.code, 1);
    t.regex(
      refused.stderr,
      /system_metrics is on, off or seconds from 1 to 3600\..*STEPWELL_CONFIG_INVALID/s,
    );
  }
  t.is((await register("1")).code, 0);
  const inShell = (...words: string[]) =>
    home.here(["run", "-e", "t1", "--experiment-name=e", ...words, "--", "sh", "-c", "sleep 2.5"]);
  const both = await Promise.all([
    inShell("--run-name=on"),
    inShell("--run-name=off", "--system-metrics=off"),
  ]);
  t.deepEqual(
    both.map(({ code }) => code),
    [0, 0],
  );
  t.is((await home.here(["flush"])).code, 0);
  const keyed = `SELECT DISTINCT name FROM metrics JOIN runs USING (run_uuid) WHERE ${CPU} AND name IN ('on', 'off')`;
  t.deepEqual(query(pathOf(), keyed), [["on"]]);
});

test("MLflow's own variables are obeyed by `stepwell run`, whose program then does not log them again", async (t) => {
  const home = homeOf();
  const env = {
    MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING: "true",
    MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL: "1",
    MLFLOW_SYSTEM_METRICS_NODE_ID: "node_0",
  };
  const said = await home.stepwell(
    ["run", "--", "sh", "-c", "env | grep SYSTEM_METRICS_LOGGING; sleep 2.2"],
    env,
  );
  t.is(said.stdout, "MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING=false\n");
  t.is((await home.here(["flush"])).code, 0);
  const [row] = query(
    pathOf(),
    "SELECT count(*) FROM metrics WHERE key = 'system/node_0/cpu_utilization_percentage'",
  );
  t.true(Number(row?.[0]) > 0);
  const wrong = await home.here(["run", "--system-metrics=0.1", "--", "true"]);
  t.is(wrong.code, 2);
});
