/** `deploy -x database=postgresql`: a real PostgreSQL, MLflow and a relay, supervised together. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import anyTest, { type ExecutionContext } from "ava";
import { isAlive } from "../../src/home/processes.js";
import { freePort } from "../support/free-port.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { installMlflow } from "../support/installed-mlflow.js";
import { nativePrograms } from "../support/postgres.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { serialTestWith } from "../support/test-with.js";
import { until } from "../support/until.js";
import {
  asked,
  DEPLOY,
  filesIn,
  type ShownDeployment,
  secretOf,
  shown,
  stepwellAsUser,
  trackerNames,
} from "./deployed.js";

const test = anyTest.serial;

/** Logs through a tracker and answers the run's id, once all of it is delivered. */
async function runThrough(t: ExecutionContext, home: ScratchHome, tracker: string): Promise<string> {
  const script = "stepwell param lr=0.1; stepwell log loss=0.5 --step 1; stepwell log loss=0.25 --step 2";
  const line = ["run", "-e", tracker, "--experiment-name", "deployed", "--", "sh", "-ec", script];
  const result = await home.stepwell(line);
  t.is(result.code, 0, result.stderr);
  const flushed = await home.stepwell(["flush", "--timeout=120"]);
  t.is(flushed.code, 0, flushed.stdout + flushed.stderr);
  const [run] = (await home.json(["runs", "list"])) as { run_id: string }[];
  return run?.run_id ?? "";
}

/** The steps of a run's loss that MLflow has. */
async function stepsOf(url: string, password: string, runId: string): Promise<number[]> {
  const path = `metrics/get-history?run_id=${runId}&metric_key=loss`;
  const answer = await asked(url, password, path);
  const { metrics = [] } = (await answer.json()) as { metrics?: { step: number | string }[] };
  return metrics.map(({ step }) => Number(step)).sort((one, other) => one - other);
}

const pidsIn = ({ pid, servers }: ShownDeployment) => [pid ?? 0, ...servers.map((each) => each.pid)];
const isServing = ({ state }: ShownDeployment) => state === "serving";

serialTestWith(MLFLOW_3)(
  "a deployment on PostgreSQL takes points by its relay, which MLflow shows, and comes back from kills with all of it",
  async (t) => {
    t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
    // What PostgreSQL, SQLAlchemy and addresses read in their own way.
    const home = await scratchHome(t, `it's a "home", too`);
    await installMlflow(home);
    const did = async (...words: string[]): Promise<string> => {
      const { code, said } = await stepwellAsUser(home, [...DEPLOY, ...words]);
      t.is(code, 0, said);
      return said;
    };
    const settings = ["database=postgresql", `port=${await freePort()}`, `relay_port=${await freePort()}`];
    const options = [...settings, `postgres_bin=${join(await nativePrograms(), "bin")}`].flatMap((each) => [
      "-x",
      each,
    ]);
    t.regex(await did("mlf", ...options), /mlf is deployed: [\s\S]*mlf-relay delivers to the same database/);
    t.deepEqual(await trackerNames(home), ["default", "mlf", "mlf-relay"]);
    const first = await shown(home, "mlf");
    t.deepEqual(
      first.servers.map(({ name, state }) => `${name} ${state}`),
      ["postgresql serving", "mlflow serving", "relay serving"],
    );

    // Neither the password nor the token is in what others can read.
    const { password = "", relay_token: token = "" } = await secretOf(home, "mlf");
    for (const pid of pidsIn(first)) {
      const seen = ["cmdline", "environ"]
        .map((file) => readFileSync(`/proc/${pid}/${file}`, "utf8"))
        .join("");
      t.false(seen.includes(password) || seen.includes(token), `${pid}`);
    }
    for (const file of filesIn(first.folder)) {
      t.is(statSync(file).mode & 0o077, 0, file);
      if (file.includes("/postgresql/")) continue;
      const text = readFileSync(file);
      t.false(text.includes(password) || text.includes(token), file);
    }
    const relayed = await runThrough(t, home, "mlf-relay");
    t.deepEqual(await stepsOf(first.url, password, relayed), [1, 2]);
    t.is((await asked(first.url, `${password}x`, "experiments/get?experiment_id=0")).status, 401);

    // PostgreSQL that is killed comes back; MLflow and the relay go on with it.
    process.kill(first.servers[0]?.pid ?? 0, "SIGKILL");
    const mended = await until(
      "PostgreSQL is back",
      () => shown(home, "mlf"),
      (seen) => isServing(seen) && seen.servers[0]?.restarts === 1,
    );
    t.deepEqual(
      mended.servers.slice(1).map(({ pid }) => pid),
      first.servers.slice(1).map(({ pid }) => pid),
    );
    t.deepEqual(await stepsOf(first.url, password, await runThrough(t, home, "mlf-relay")), [1, 2]);

    // What a killed supervisor leaves is ended before another begins, from which on a changed password counts.
    process.kill(mended.pid ?? 0, "SIGKILL");
    await until(
      "the supervisor is gone",
      () => shown(home, "mlf"),
      ({ state }) => state === "died",
    );
    t.true(isAlive(mended.servers[0]?.pid ?? 0));
    const newer = "another-password-of-a-test";
    t.is((await home.here(["secret", "update", "mlf", `--password=${newer}`])).code, 0);
    t.regex(await did("mlf"), /mlf runs again/);
    t.false(pidsIn(mended).some((pid) => isAlive(pid)));
    t.is((await asked(first.url, password, "experiments/get?experiment_id=0")).status, 401);
    t.deepEqual(await stepsOf(first.url, newer, relayed), [1, 2]);
    const last = await shown(home, "mlf");
    t.true(isServing(last));
    t.regex(await did("stop", "mlf"), /^Stopped mlf/);
    t.like(await shown(home, "mlf"), { state: "stopped", pid: null });
    t.false(pidsIn(last).some((pid) => isAlive(pid)));

    t.regex(await did("destroy", "mlf", "-y"), /^Removed mlf/);
    t.false(existsSync(home.paths.deploymentsFolder));
    t.deepEqual(await home.json(["secret", "list"]), []);
    t.deepEqual(await trackerNames(home), ["default"]);
  },
);

serialTestWith(MLFLOW_3)(
  "what a deployment on PostgreSQL needs is said before anything is made",
  async (t) => {
    t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
    const home = await scratchHome(t);
    await installMlflow(home);
    const refused = async (...words: string[]) => {
      const result = await stepwellAsUser(home, [...DEPLOY, "mlf", ...words]);
      t.is(result.code, 1, result.said);
      return result.said;
    };
    t.regex(await refused("-x", "database=mysql"), /database is sqlite or postgresql/);
    t.regex(await refused("-x", "relay_port=7443"), /relay_port is for database=postgresql/);
    t.regex(
      await refused("-x", "database=postgresql", "-x", "postgres_bin=/nowhere"),
      /There is no PostgreSQL in \/nowhere\.\n {2}Install it: stepwell integration install postgresql -y/,
    );
    if (process.getuid?.() === 0) {
      const asRoot = await home.stepwell([...DEPLOY, "mlf", "-x", "database=postgresql"]);
      t.regex(asRoot.stderr, /PostgreSQL does not run as root\.\n {2}Give the command as another user/);
    }
    t.false(existsSync(home.paths.deploymentsFolder));
  },
);

test("PostgreSQL goes beside MLflow", async (t) => {
  const home = await scratchHome(t);
  const none = await home.here(["integration", "install", "postgresql", "-y"]);
  t.is(none.code, 1);
  t.regex(
    none.stderr,
    /It goes beside MLflow, which is not installed\.\n {2}Install it: stepwell integration install mlflow -y/,
  );
});
