/** `experiment-tracker deploy --provider=local` with a real MLflow: from nothing to a run in it, and back to nothing. */
import { copyFileSync, existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import anyTest, { type ExecutionContext } from "ava";
import { isAlive } from "../../src/home/processes.js";
import { freePort } from "../support/free-port.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { installMlflow } from "../support/installed-mlflow.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { serialTestWith } from "../support/test-with.js";
import { until } from "../support/until.js";
import { asked, DEPLOY, filesIn, secretOf, shown, trackerNames } from "./deployed.js";

const test = anyTest.serial;

/** A command of its own process, whose exit code has to be 0. */
async function did(t: ExecutionContext, home: ScratchHome, ...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await home.stepwell(words);
  t.is(code, 0, stderr);
  return stdout + stderr;
}

async function statusFor(url: string, password: string): Promise<number> {
  return (await asked(url, password, "experiments/get?experiment_id=0")).status;
}

/** Runs a program that logs through the deployment, and looks at the run that it left. */
async function runThrough(
  t: ExecutionContext,
  home: ScratchHome,
  name: string,
  experiment: string,
): Promise<void> {
  const script =
    "stepwell param lr=0.1; stepwell log loss=0.25 --step 3; stepwell artifact README.md --path notes";
  await did(t, home, "run", "-e", name, "--experiment-name", experiment, "--", "sh", "-ec", script);
  await did(t, home, "flush", "--timeout=120");
  const [run] = (await home.json(["runs", "list"])) as { run_id: string }[];
  const details = (await home.json(["runs", "show", run?.run_id ?? ""])) as Record<string, unknown>;
  t.like(details, { status: "FINISHED" });
  t.regex(JSON.stringify(details["experiment_tracker_url"]), /http:\/\/127\.0\.0\.1:\d+/);
}

serialTestWith(MLFLOW_3)(
  "a deployment takes a run at once, outlives its command and a killed server, and its end leaves nothing",
  async (t) => {
    t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
    const home = await scratchHome(t);
    await installMlflow(home);
    const port = await freePort();
    const said = await did(
      t,
      home,
      ...DEPLOY,
      "mlf",
      "--flavor=mlflow",
      "-x",
      `port=${port}`,
      "--provider=local",
    );
    t.regex(said, /mlf is deployed: MLflow 3\.\S+ at http:\/\/127\.0\.0\.1:\d+\./);
    const first = await shown(home, "mlf");
    t.like(first, { state: "serving", url: `http://127.0.0.1:${port}` });

    // The password is in the secret store alone, and nobody gets in without it.
    const { password = "" } = await secretOf(home, "mlf");
    t.is(await statusFor(first.url, password), 200);
    t.is(await statusFor(first.url, `${password}x`), 401);
    t.is((await fetch(`${first.url}/api/2.0/mlflow/experiments/get?experiment_id=0`)).status, 401);
    for (const pid of [first.pid, first.servers[0]?.pid]) {
      for (const file of ["cmdline", "environ"])
        t.false(readFileSync(`/proc/${pid}/${file}`, "utf8").includes(password), file);
    }
    for (const file of filesIn(first.folder)) {
      t.false(readFileSync(file).includes(password), file);
      t.is(statSync(file).mode & 0o077, 0, file);
    }
    await runThrough(t, home, "mlf", "deployed");
    t.true(filesIn(join(first.folder, "artifacts")).some((file) => file.endsWith("notes/README.md")));

    // A server that is killed comes back at its port, with a database of an older MLflow, as the daemon makes one,
    // brought up to date.
    await did(t, home, "run", "-e", "default", "--experiment-name", "older", "--", "true");
    await did(t, home, "flush", "--timeout=120");
    const [server] = first.servers;
    process.kill(first.pid ?? 0, "SIGSTOP");
    process.kill(server?.pid ?? 0, "SIGKILL");
    copyFileSync(join(home.paths.artifactStoreFolder, "mlflow.db"), join(first.folder, "mlflow.db"));
    process.kill(first.pid ?? 0, "SIGCONT");
    const back = await until(
      "it is back",
      () => shown(home, "mlf"),
      ({ state, servers }) => state === "serving" && servers[0]?.pid !== server?.pid,
    );
    t.is(back.servers[0]?.restarts, 1);
    t.is(await statusFor(back.url, `${password}x`), 401);
    const moved = await asked(back.url, password, "experiments/get-by-name?experiment_name=older");
    t.is(moved.status, 200);
    t.true(existsSync(join(first.folder, "mlflow.db.before")));
    await runThrough(t, home, "mlf", "newer");

    // A stack that holds the tracker keeps it.
    await home.json(["stack", "register", "mine", "-e", "mlf"]);
    const held = await home.stepwell([...DEPLOY, "destroy", "mlf", "-y"]);
    t.regex(held.stderr, /in use by: mine\.[\s\S]*STEPWELL_COMPONENT_IN_USE/);
    const last = await shown(home, "mlf");
    t.is(last.state, "serving");
    await did(t, home, "stack", "delete", "mine", "-y");

    // A supervisor that is killed takes its servers along; then all goes.
    process.kill(last.pid ?? 0, "SIGKILL");
    await until(
      "the server ends",
      () => isAlive(last.servers[0]?.pid ?? 0),
      (lives) => !lives,
    );
    t.like(await shown(home, "mlf"), { state: "died" });
    const checks = (await home.here(["doctor", "-o", "json"])).stdout;
    t.regex(checks, /"deployment mlf"[\s\S]*Begin it again: stepwell experiment-tracker deploy mlf\./);
    t.regex(await did(t, home, ...DEPLOY, "stop", "mlf"), /mlf does not run/);
    t.like(await shown(home, "mlf"), { state: "stopped" });
    t.regex(await did(t, home, ...DEPLOY, "destroy", "mlf", "-y"), /^Removed mlf/);
    t.false(existsSync(home.paths.deploymentsFolder));
    t.deepEqual(await home.json(["secret", "list"]), []);
    t.deepEqual(await trackerNames(home), ["default"]);
  },
);

serialTestWith(MLFLOW_3)(
  "a server that can't start is told with what it said, and nothing of it goes on",
  async (t) => {
    t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
    const home = await scratchHome(t);
    await installMlflow(home);
    const missing = await home.stepwell([...DEPLOY, "mlf", "-x", "mlflow_bucket=gs://my_bucket"]);
    t.is(missing.code, 1);
    t.regex(
      missing.stderr,
      /lacks what the deployment needs: google-cloud-storage\.\n {2}Install it: python3 -m pip/,
    );
    t.false(existsSync(home.paths.deploymentsFolder));
    // A folder in the place of its database.
    const port = await freePort();
    const failed = await home.stepwell([
      ...DEPLOY,
      "mlf",
      "-x",
      `port=${port}`,
      "-x",
      "mlflow_bucket=/dev/null/x",
    ]);
    t.is(failed.code, 1, failed.stderr);
    t.regex(failed.stderr, /The servers of mlf did not start: .*STEPWELL_DEPLOYMENT_FAILED\n$/s);
    t.like(await shown(home, "mlf"), { state: "stopped", pid: null });
    t.deepEqual(await trackerNames(home), ["default"], "no tracker whose server never answered");
    await did(t, home, ...DEPLOY, "destroy", "mlf", "-y");
    t.deepEqual(await home.json(["secret", "list"]), []);
  },
);

test("what can't be deployed is refused before anything is made", async (t) => {
  const home = await scratchHome(t);
  await home.startDaemonOrFind();
  for (const [words, code, sentence] of [
    [["mlf"], 1, /needs MLflow, which is not installed\.\n.*integration install mlflow -y/],
    [["mlf", "--provider=mars"], 2, /Allowed choices are local, kubernetes/],
    [["mlf", "--flavor=wandb"], 2, /Allowed choices are mlflow/],
    [["mlf", "-x", "port"], 2, /Give it as -x KEY=VALUE/],
    [["mlf", "-x", "port=1", "-x", "port=2"], 2, /-x port is given twice/],
    [["a.b"], 1, /STEPWELL_NAME_INVALID/],
    [["list"], 1, /list is a word of this command/],
    [["status", "nothing"], 1, /There is no deployment "nothing"/],
    [["stop", "nothing"], 1, /STEPWELL_DEPLOYMENT_UNKNOWN/],
    [["destroy", "nothing", "-y"], 1, /STEPWELL_DEPLOYMENT_UNKNOWN/],
  ] as const) {
    const result = await home.here([...DEPLOY, ...words]);
    t.is(result.code, code, words.join(" "));
    t.regex(result.stderr, sentence);
  }
  t.false(existsSync(home.paths.deploymentsFolder));
  const none = await home.here([...DEPLOY, "status"]);
  t.like(none, { code: 0, stderr: "There are no deployments.\n" });
  t.deepEqual(await home.json([...DEPLOY, "status"]), []);
});

serialTestWith(MLFLOW_3)("settings that can't be used, and names that are taken, are refused", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const home = await scratchHome(t);
  await installMlflow(home);
  await home.json(["experiment-tracker", "register", "mine", "--flavor=mlflow"]);
  await home.here(["secret", "create", "yours", "--a=b"]);
  for (const [words, sentence] of [
    [["mlf", "-x", "prt=1"], /There is no setting "prt" for -x here\. Did you mean "port"\?/],
    [["mlf", "-x", "port=65536"], /port is a number/],
    [["mlf", "-x", "username=a b"], /username is up to 100/],
    [["mlf", "-x", "mlflow_bucket=bucket"], /mlflow_bucket is an absolute path/],
    [["mine"], /A tracker has the name "mine"/],
    [["yours"], /A secret has the name "yours"/],
  ] as const) {
    const result = await home.here([...DEPLOY, ...words]);
    t.is(result.code, 1, words.join(" "));
    t.regex(result.stderr, sentence);
  }
  t.false(existsSync(home.paths.deploymentsFolder));
});
