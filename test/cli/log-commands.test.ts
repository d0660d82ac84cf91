/** `log`, `param`, `tag` and `artifact`: what a program in any language logs by a command. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import anyTest, { type ExecutionContext } from "ava";
import { commandOnPath } from "../../src/cli/commands/command-folder.js";
import { homeOf } from "../../src/home/endpoint.js";
import { query } from "../sinks/mlflow-sqlite/database.js";
import { gatewayAddressIn } from "../support/gateway-address.js";
import { ROOT, type ScratchHome, scratchHome } from "../support/home.js";
import { homeForAll } from "../support/home-for-all.js";
import { until } from "../support/until.js";

// One after the other: they share a home.
const test = anyTest.serial;

const theHome = homeForAll(
  anyTest,
  (home) => home.json(["experiment-tracker", "register", "tracker", "--flavor=mlflow"]),
  "a home's folder",
);

/** A run that has ended: what is logged to it later is taken all the same. */
async function newRun(home: ScratchHome): Promise<string> {
  const { stderr } = await home.stepwell(["run", "-e", "tracker", "--", "true"], { STEPWELL_QUIET: "0" });
  const [, runId] = /runs show ([0-9a-f]{32})$/m.exec(stderr) ?? [];
  if (runId === undefined) throw new Error(stderr);
  return runId;
}

async function delivered(t: ExecutionContext, home: ScratchHome, sql: string, runId: string) {
  t.is((await home.here(["flush"])).code, 0);
  return query(`${home.paths.artifactStoreFolder}/mlflow.db`, sql, runId);
}

async function artifactOf(t: ExecutionContext, home: ScratchHome, runId: string, name: string) {
  const [[uri] = []] = await delivered(t, home, "SELECT artifact_uri FROM runs WHERE run_uuid = ?", runId);
  return readFileSync(join(String(uri).replace(/^file:\/\//, ""), name));
}

const METRICS = "SELECT key, value, is_nan, step FROM metrics WHERE run_uuid = ? ORDER BY key, step, value";
const PARAMS = "SELECT key, value FROM params WHERE run_uuid = ? ORDER BY key";
const TAGS = "SELECT value FROM tags WHERE run_uuid = ? AND key = 'a_kind'";

test("a shell script logs by the command on its PATH to its own run", async (t) => {
  const home = theHome();
  const script = [
    "set -e",
    "stepwell log val_loss=0.25 acc=9e-1 --step 4",
    "stepwell log val_loss=nan --step=-5",
    "stepwell param learning_rate=0.1 'note=x = y'",
    "stepwell tag a_kind=base",
    "printf 'step,in_pipe\\n7,1.5\\n' | stepwell log --stdin",
    'echo x >"$STEPWELL_HOME/made.txt"',
    'stepwell artifact "$STEPWELL_HOME/made.txt" --path in',
    "echo $STEPWELL_RUN_ID",
    "command -v stepwell",
  ].join("\n");
  const { code, stdout, stderr } = await home.stepwell(["run", "-e", "tracker", "--", "sh", "-c", script]);
  t.is(code, 0, stderr);
  const [runId = "", found] = stdout.split("\n");
  t.is(found, join(home.paths.home, "bin/stepwell"));
  t.deepEqual(await delivered(t, home, METRICS, runId), [
    ["acc", 0.9, "0", "4"],
    ["in_pipe", 1.5, "0", "7"],
    ["val_loss", 0, "1", "-5"],
    ["val_loss", 0.25, "0", "4"],
  ]);
  t.deepEqual(await delivered(t, home, PARAMS, runId), [
    ["learning_rate", "0.1"],
    ["note", "x = y"],
  ]);
  t.deepEqual(await delivered(t, home, TAGS, runId), [["base"]]);
  t.is(String(await artifactOf(t, home, runId, "in/made.txt")), "x\n");
  // The commands of it closed their streams.
  t.like(await home.json(["status"]), { producers_ended_without_closing: 0 });
});

test("a run is named by the beginning of its id; what is on disk when the command returns is journaled", async (t) => {
  const home = theHome();
  const runId = await newRun(home);
  const named = `--run=${runId.slice(0, 12)}`;
  t.deepEqual(await home.here(["log", "loss=1", named]), { code: 0, stdout: "", stderr: "" });
  t.like(await home.json(["runs", "show", runId]), { journaled_points: 1 });
  t.is((await home.here(["param", "lr=1", named])).code, 0);
  const changed = await home.here(["param", "lr=2", "other=3", named]);
  t.is(changed.code, 1);
  t.regex(changed.stderr, /^error: The param "lr" [^\n]*\n {2}[^\n]+\n {2}STEPWELL_PARAM_CHANGED\n$/);
  // The rest of the batch was taken.
  t.deepEqual(await delivered(t, home, PARAMS, runId), [
    ["lr", "1"],
    ["other", "3"],
  ]);
});

test("a list that is cut says so", async (t) => {
  const home = theHome();
  for (let each = 0; each < 2; each++) await newRun(home);
  const cut = await home.here(["runs", "list", "--limit=1", "-o", "json"]);
  t.is((JSON.parse(cut.stdout) as unknown[]).length, 1);
  t.regex(cut.stderr, /^1 of \d+ runs are shown: see --limit\.\n$/);
  t.is((await home.here(["runs", "list", "--limit=10000"])).stderr, "");
  t.regex((await home.here(["runs", "list", "--size=1"])).stderr, /^Page 1 of /);
});

test("a file is an artifact of the run, in a folder of it and under a name that needs escapes", async (t) => {
  const home = theHome();
  const runId = await newRun(home);
  const [file, empty] = [join(home.paths.home, "50 & ü.txt"), join(home.paths.home, "empty.bin")];
  const content = randomBytes(2_500_000);
  writeFileSync(file, content);
  writeFileSync(empty, "");
  const run = `--run=${runId}`;
  t.deepEqual(await home.here(["artifact", file, "--path=made/here", run]), {
    code: 0,
    stdout: "",
    stderr: "",
  });
  t.is((await home.here(["artifact", empty, run])).code, 0);
  t.true((await artifactOf(t, home, runId, "made/here/50 & ü.txt")).equals(content));
  t.is((await artifactOf(t, home, runId, "empty.bin")).length, 0);
  // A name that MLflow takes nowhere.
  const odd = await home.here(["artifact", empty, "--path=a#b", run]);
  t.is(odd.code, 1);
  t.regex(odd.stderr, /^error: The answer was 400: [^\n]+\n {2}[^\n]+\n {2}STEPWELL_ARTIFACT_REFUSED\n$/);
  for (const words of [["nowhere"], [home.paths.home], [file, "--path=../up"], [file, "--path=/"]]) {
    const refused = await home.here(["artifact", ...words, run]);
    t.is(refused.code, 1, words.join(" "));
    t.regex(refused.stderr, /^error: [^\n]+\n {2}[^\n]+\n {2}STEPWELL_ARTIFACT_INVALID\n$/);
  }
});

test("what can't be logged is said with the exit code of its kind", async (t) => {
  const home = theHome();
  const refusals: readonly (readonly [string[], number, RegExp])[] = [
    [["log", "loss=1"], 2, /STEPWELL_RUN_MISSING/],
    [["log"], 2, /STEPWELL_USAGE/],
    [["log", "loss=1", "--stdin"], 2, /STEPWELL_USAGE/],
    [["log", "loss=high", "--run=ffff"], 2, /loss needs a number[\s\S]*STEPWELL_USAGE/],
    [["log", "loss", "--run=ffff"], 2, /KEY=VALUE[\s\S]*STEPWELL_USAGE/],
    [["log", "loss=1", "--step=half"], 2, /whole number[\s\S]*STEPWELL_USAGE/],
    [["param"], 2, /STEPWELL_USAGE/],
    [["tag", "=x", "--run=ffff"], 2, /STEPWELL_USAGE/],
    [["tag", "a=x", `--run=${"0".repeat(32)}`], 1, /STEPWELL_RUN_UNKNOWN/],
  ];
  for (const [words, code, said] of refusals) {
    const result = await home.here(words);
    t.like(result, { code, stdout: "" }, words.join(" "));
    t.regex(result.stderr, said);
  }
  const away = { STEPWELL_ENDPOINT: "unix:/nowhere.sock" };
  t.like(await home.here(["log", "loss=1", "--run=ffff"], away), { code: 3, stdout: "" });
});

test("lines are journaled as they come, over a restart of the daemon, and what is bad costs itself only", async (t) => {
  const home = theHome();
  const runId = await newRun(home);
  const child = spawn(process.execPath, [join(ROOT, "build/stepwell.js"), "log", "--stdin", "--run", runId], {
    env: { ...home.env },
  });
  t.teardown(() => child.kill("SIGKILL"));
  let said = "";
  child.stderr.on("data", (text: Buffer) => (said += text.toString()));
  const ended = once(child, "close");
  const journaled = (count: number) =>
    until(
      `${count} points are journaled`,
      () => home.json(["runs", "show", runId]) as Promise<{ journaled_points: number }>,
      ({ journaled_points }) => journaled_points === count,
    );
  child.stdin.write('{"step": 1, "loss": 0.5}\n{"step": 2, "loss": NaN}\nno line of ours\n');
  await journaled(2);
  t.is((await home.here(["daemon", "restart"])).code, 0);
  child.stdin.write(
    Array.from({ length: 5_000 }, (_, step) => `{"step": ${step}, "acc": ${step}}\n`).join(""),
  );
  child.stdin.write('{"step": 3, "bad!": 1, "loss": 0.25}\n{"loss": "lo');
  await journaled(5_003);
  // What has no line feed yet is no line; a signal ends the input.
  child.kill("SIGTERM");
  t.deepEqual(await ended, [143, null]);
  t.regex(said, /^error: Line 3 is no object of JSON\.\n[^\n]*\n {2}STEPWELL_VALUE_INVALID\n/);
  t.regex(said, /STEPWELL_KEY_INVALID\n[\s\S]*\n5003 points journaled\.\n$/);
  const sums = "SELECT key, count(*), sum(value) FROM metrics WHERE run_uuid = ? GROUP BY key ORDER BY key";
  t.deepEqual(await delivered(t, home, sums, runId), [
    ["acc", "5000", 12497500],
    ["loss", "3", 0.75],
  ]);
});

test("a program without a PATH keeps the usual places behind the command's folder", async (t) => {
  const { paths } = theHome();
  const context = { paths, program: ["/n o'de", "x"], stdout: () => undefined, stderr: () => undefined };
  const folder = join(paths.home, "bin");
  t.deepEqual(await commandOnPath({ ...context, env: {} }), {
    PATH: `${folder}:/usr/local/bin:/usr/bin:/bin`,
  });
  t.deepEqual(await commandOnPath({ ...context, env: { PATH: "/a:" } }), { PATH: `${folder}:/a:` });
  // A folder with a colon in its name can't be on a PATH.
  const odd = homeOf({ STEPWELL_HOME: `${paths.home}/a:b` });
  t.deepEqual(await commandOnPath({ ...context, paths: odd, env: { PATH: "/a" } }), {});
});

test("a run stays with the tracker that it began with; from then on others go where the stack says", async (t) => {
  const home = await scratchHome(t);
  await home.json(["experiment-tracker", "register", "one", "--flavor=mlflow"]);
  const elsewhere = `--tracking_uri=sqlite:///${home.paths.home}-two.db`;
  await home.json(["experiment-tracker", "register", "two", "--flavor=mlflow", elsewhere]);
  await home.json(["stack", "register", "second", "-e", "two"]);
  const script = `stepwell log loss=2 --step 1 && stepwell stack set second && stepwell log loss=1 --step 2
    stepwell run --run-name later -- stepwell log loss=3`;
  const ran = await home.stepwell(["run", "--run-name", "before", "--", "sh", "-c", script]);
  t.is(ran.code, 0, ran.stderr);
  // So do those of programs that know MLflow alone, unless `env` names a tracker.
  for (const more of [[], ["-e", "one"]]) {
    const address = gatewayAddressIn((await home.here(["env", ...more])).stdout);
    const body = JSON.stringify({ experiment_id: "0", run_name: ["env", ...more].join(" ") });
    const headers = { "content-type": "application/json" };
    t.is(
      (await fetch(`${address}/api/2.0/mlflow/runs/create`, { method: "POST", headers, body })).status,
      200,
    );
  }
  t.is((await home.here(["flush"])).code, 0);
  const runs = (await home.json(["runs", "list"])) as {
    readonly run_name: string;
    readonly deliveries: readonly { readonly tracker: string; readonly delivered_points: number }[];
  }[];
  t.deepEqual(
    Object.fromEntries(
      runs.map(({ run_name, deliveries }) => [
        run_name,
        deliveries.map(({ tracker, delivered_points }) => [tracker, delivered_points]),
      ]),
    ),
    { before: [["one", 2]], later: [["two", 1]], env: [["two", 0]], "env -e one": [["one", 0]] },
  );
});
