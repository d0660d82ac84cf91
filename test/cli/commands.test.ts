import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import anyTest from "ava";
import { type Lane, LaneState } from "../../src/gen/stepwell/v1/daemon.js";
import { VERSION } from "../../src/model/version.js";
import { ROOT, scratchHome } from "../support/home.js";
import { homeForAll } from "../support/home-for-all.js";
import { standInDaemon } from "../support/stand-in-daemon.js";

// One after the other: each starts processes, and two cores are all that some machines have.
const test = anyTest.serial;

const LANE: Lane = {
  runId: "0".repeat(32),
  tracker: "t",
  state: LaneState.LANE_STATE_RETRYING,
  lastError: "STEPWELL_DATABASE_LOCKED: somebody holds it",
  queuedPoints: 5n,
  deliveredPoints: 7n,
  oldestAgeSeconds: 61.5,
};

/** For commands that change nothing. */
const untouched = homeForAll(anyTest, (home) => home.startDaemonOrFind());

test("the seed's lines register a tracker and a stack, in any order of options", async (t) => {
  const home = await scratchHome(t);
  // A command that waits for a daemon says so on stderr.
  await home.startDaemonOrFind();
  const lines = [
    ["experiment-tracker", "register", "first", "--flavor=mlflow"],
    ["experiment_tracker", "register", "--flavor", "mlflow", "second"],
    ["stack", "register", "one", "-a", "default", "-o", "default", "-e", "first", "--set"],
    ["stack", "register", "--experiment_tracker=second", "-e", "first", "two"],
  ];
  for (const line of lines) {
    const { code, stdout, stderr } = await home.here(line);
    t.deepEqual({ code, stdout }, { code: 0, stdout: "" }, stderr);
    t.regex(stderr, /^Registered (experiment tracker|stack) /);
  }
  const trackers = (await home.json(["experiment-tracker", "list"])) as { name: string; flavor: string }[];
  t.deepEqual(
    trackers.map(({ name, flavor }) => `${name} ${flavor}`),
    ["default mlflow", "first mlflow", "second mlflow"],
  );
  const stacks = (await home.json(["stack", "list"])) as {
    name: string;
    active: boolean;
    experiment_trackers: { name: string }[];
  }[];
  const shown = stacks.map((stack) => ({
    ...stack,
    trackers: stack.experiment_trackers.map(({ name }) => name),
  }));
  t.like(
    shown.find(({ name }) => name === "one"),
    { active: true, trackers: ["first"] },
  );
  t.like(
    shown.find(({ name }) => name === "two"),
    { active: false, trackers: ["second", "first"] },
  );
  const set = (await home.json(["stack", "set", "two"])) as { name: string; active: boolean };
  t.like(set, { name: "two", active: true });
  const table = await home.here(["stack", "list"]);
  t.regex(table.stdout, /^NAME +ID +ACTIVE +EXPERIMENT TRACKERS .*\n/);
  t.regex(table.stdout, /^two +[0-9a-f]{32} +yes +second, first +default +default +-$/m);
});

test("the first tracker that is registered takes new runs, which is said with the way back", async (t) => {
  const home = await scratchHome(t);
  const register = (name: string, ...more: string[]) =>
    home.here(["experiment-tracker", "register", name, "--flavor=mlflow", ...more]);
  await home.startDaemonOrFind();
  t.is((await home.here(["experiment-tracker", "get"])).stdout, "default\n");
  const back = "stepwell stack register local -e default --set";
  const note = `New runs go to team instead of the local store. To change that: ${back}.\n`;
  t.is((await register("team", "--dry-run")).stderr, `Would register experiment tracker team.\n${note}`);
  t.is((await home.here(["experiment-tracker", "get"])).stdout, "default\n");
  // Shells register at the same time, with credentials that are moved, too.
  const both = await Promise.all([
    register("team", "--tracking_token=x"),
    register("other", "--tracking_token=x"),
  ]);
  const said = both.map(({ stderr }) => stderr).join("");
  t.is(said.match(/New runs go to (team|other) instead of the local store/g)?.length, 1, said);
  await home.json(back.split(" ").slice(1));
  t.is((await home.here(["experiment-tracker", "get"])).stdout, "default\n");
});

test("settings of a registration reach the daemon, which refuses what it does not know", async (t) => {
  const home = await scratchHome(t);
  await home.startDaemonOrFind();
  const unknown = await home.here(["experiment-tracker", "register", "x", "--flavor=mlflow", "--no-such=1"]);
  t.is(unknown.code, 1);
  t.regex(unknown.stderr, /^error: .*no_such.*\n {2}.*\n {2}STEPWELL_CONFIG_INVALID\n$/);
  const taken = ["experiment-tracker", "register", "y", "--flavor=mlflow", "-o", "json"];
  const first = await home.here(taken);
  t.like(JSON.parse(first.stdout), { name: "y", flavor: "mlflow" });
  const second = await home.here(taken);
  t.deepEqual({ code: second.code, stdout: second.stdout }, { code: 1, stdout: "" });
  t.true(second.stderr.endsWith("\n  STEPWELL_NAME_TAKEN\n"), second.stderr);
});

test("answers are valid when there is nothing, in every format", async (t) => {
  const home = untouched();
  t.deepEqual(await home.json(["runs", "list"]), []);
  t.deepEqual(await home.json(["experiment-tracker", "list", "--name=nothing"]), []);
  t.is((await home.here(["runs", "list", "-o", "yaml"])).stdout, "[]\n");
  t.regex((await home.here(["runs", "list", "-o", "csv"])).stdout, /^run_id,run_name,[a-z_,]+\n$/);
  t.regex((await home.here(["-o", "tsv", "runs", "list"])).stdout, /^run_id\trun_name\t[a-z_\t]+\n$/);
  const table = await home.here(["runs", "list"]);
  t.deepEqual(
    { stdout: table.stdout, stderr: table.stderr },
    { stdout: "", stderr: "There are no runs yet.\n" },
  );
});

test("status tells what is promised, and flush of nothing is drained", async (t) => {
  const home = untouched();
  const nothing = {
    queued_points: 0,
    queued_bytes: 0,
    oldest_age_seconds: 0,
    delivered_points: 0,
    dead_letters: 0,
  };
  t.like(await home.json(["status"]), { ...nothing, lanes: [] });
  t.like(await home.json(["flush", "--timeout", "5"]), { ...nothing, drained: true });
  t.is((await home.here(["status", "--check"])).code, 0);
  t.regex((await home.here(["status"])).stdout, /^Nothing was logged yet\.\n/);
});

test("an unknown run is a clear error", async (t) => {
  const home = untouched();
  const result = await home.here(["runs", "show", "f".repeat(32)]);
  t.deepEqual({ code: result.code, stdout: result.stdout }, { code: 1, stdout: "" });
  t.regex(
    result.stderr,
    /^error: .*\n {2}List what there is: stepwell runs list\.\n {2}STEPWELL_RUN_UNKNOWN\n$/,
  );
});

test("a reader that leaves early is no error", async (t) => {
  const home = untouched();
  const command = `"${process.execPath}" "${join(ROOT, "build/stepwell.js")}" status -o json`;
  const child = spawn("bash", ["-c", `${command} | true; exit "\${PIPESTATUS[0]}"`], { env: home.env });
  let stderr = "";
  child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  const [code] = await once(child, "close");
  t.deepEqual({ code, stderr }, { code: 0, stderr: "" });
});

test("dead letters make flush and status --check exit with 5, after the answer", async (t) => {
  const home = await scratchHome(t);
  const env = await standInDaemon(t, home, { status: { deadLetters: 3n, runCount: 1 } });
  for (const line of [["flush"], ["status", "--check"]]) {
    const { code, stdout, stderr } = await home.here([...line, "-o", "json"], env);
    t.is(code, 5);
    t.is((JSON.parse(stdout) as { dead_letters: number }).dead_letters, 3);
    t.regex(stderr, /^error: 3 entries .*\n {2}.*\n {2}STEPWELL_DEAD_LETTERS\n$/);
  }
  const shown = await home.here(["status"], env);
  t.is(shown.code, 0, "without --check they are only shown");
  t.regex(shown.stdout, /^Everything is delivered\. 1 run\. 3 entries were refused for good/);
});

test("a flush that is not drained in time exits with 4 and says what is left and why", async (t) => {
  const home = await scratchHome(t);
  const held = { ...LANE, tracker: "u", state: LaneState.LANE_STATE_HELD, lastError: "It is not known" };
  // The status tells of one lane alone; the others are asked for.
  const env = await standInDaemon(t, home, {
    drained: false,
    status: { queuedPoints: 5n, laneCount: 3, troubledLaneCount: 3, lanes: [LANE] },
    lanes: [LANE, held, { ...held, runId: "1".repeat(32) }],
  });
  const { code, stdout, stderr } = await home.here(["flush", "--timeout=0.5", "-o", "json"], env);
  t.is(code, 4);
  t.like(JSON.parse(stdout), { drained: false, queued_points: 5 });
  t.regex(
    stderr,
    /^retrying at t, run 0{32}: .*somebody holds it\nheld at u, run 0{32} and 1 more: It is not known\nerror: Not delivered within 0\.5 s: 5 points of 3 lanes.*\n {2}.*\n {2}STEPWELL_NOT_DRAINED\n$/,
  );
});

test("a lane is shown with its run, tracker, state and error, and status --check exits with 4 for its trouble", async (t) => {
  const home = await scratchHome(t);
  const env = await standInDaemon(t, home, {
    status: {
      ...{ queuedPoints: 5n, laneCount: 1, troubledLaneCount: 1, lanes: [LANE] },
      ...{ runCount: 2, oldestAgeSeconds: 61.5 },
    },
  });
  const { code, stdout, stderr } = await home.here(["status", "--check", "-o", "json"], env);
  t.is(code, 4);
  t.true(stderr.includes("somebody holds it"), stderr);
  const lane = { run_id: LANE.runId, tracker: "t", state: "retrying", last_error: LANE.lastError };
  t.like((JSON.parse(stdout) as { lanes: object[] }).lanes[0], {
    ...lane,
    queued_points: 5,
    delivered_points: 7,
  });
  t.regex(
    (await home.here(["status"], env)).stdout,
    /^5 points wait, the oldest for 1 min\. 2 runs, 1 tried again: t: somebody holds it\n\nqueued points +5\n/,
  );
  const table = await home.here(["status", "-o", "table"], env);
  t.regex(table.stdout, /^queued points +5\n/);
  t.regex(table.stdout, /\nRUN ID +TRACKER +STATE .*\n0{32} +t +retrying .*61\.5 s .*\n$/);
});

test("an error of a newer daemon that this version does not know keeps its code", async (t) => {
  const home = await scratchHome(t);
  const fault = { code: "STEPWELL_FROM_THE_FUTURE", sentence: "Something\nnew." };
  const env = await standInDaemon(t, home, { fault });
  const { code, stderr } = await home.here(["status"], env);
  t.is(code, 1);
  t.true(stderr.startsWith("error: Something\\u{a}new. (STEPWELL_FROM_THE_FUTURE)\n"), stderr);
});

for (const [words, sentence, command] of [
  [["statsu"], "Unknown command 'statsu'. Did you mean status?", ""],
  [["daemon", "strat"], "Unknown command 'strat'. Did you mean start?", " daemon"],
  [["flush", "--timout=600"], "Unknown option '--timout'. Did you mean --timeout?", " flush"],
  [["status", "--chek"], "Unknown option '--chek'. Did you mean --check?", " status"],
  [
    ["status", "-o", "xml"],
    "Option '-o, --output <format>' argument 'xml' is invalid. Allowed choices are table, json, yaml, csv, tsv.",
    " status",
  ],
  [
    ["flush", "--timeout=soon"],
    "Option '--timeout <seconds>' argument 'soon' is invalid. Give seconds from 0 to 86400.",
    " flush",
  ],
  [["runs", "show"], "Missing required argument 'run'.", " runs show"],
  [
    ["experiment-tracker", "register", "x"],
    "Required option '-f, --flavor <flavor>' not specified.",
    " experiment-tracker register",
  ],
  [
    ["experiment-tracker", "register", "x", "--flavour=mlflow"],
    "Required option '--flavor' is not given, '--flavour' is. Did you mean \"--flavor\"?",
    " experiment-tracker register",
  ],
  [
    ["experiment-tracker", "register", "x", "--flavor=mlflow", "--outptu=json"],
    "There is no setting outptu. Did you mean --output?",
    " experiment-tracker register",
  ],
  [["experiment_tracker", "register", "--flavor=mlflow"], "Give the name.", " experiment-tracker register"],
] as const) {
  test(`bad usage exits with 2 and a line that says what to do: stepwell ${words.join(" ")}`, async (t) => {
    const home = await scratchHome(t);
    const { code, stdout, stderr } = await home.here(words);
    t.deepEqual({ code, stdout }, { code: 2, stdout: "" });
    t.is(stderr, `error: ${sentence}\n  See stepwell${command} --help.\n  STEPWELL_USAGE\n`);
  });
}

test("help and the version are answers; a group without its command is bad usage", async (t) => {
  const home = untouched();
  const help = await home.here(["--help"]);
  t.is(help.code, 0);
  for (const command of ["daemon", "status", "flush", "runs", "experiment-tracker", "stack"]) {
    t.regex(help.stdout, new RegExp(`^ {2}${command} `, "m"));
  }
  t.like(await home.here(["--version"]), { code: 0, stdout: `${VERSION}\n`, stderr: "" });
  const group = await home.here(["daemon"]);
  t.deepEqual({ code: group.code, stdout: group.stdout }, { code: 2, stdout: "" });
  t.regex(group.stderr, /^Usage: stepwell daemon/);
});

test("help shows the page that was asked for, wherever the word stands, and version is a command, too", async (t) => {
  const home = untouched();
  for (const [page, ...lines] of [
    ["runs tail", "help runs tail", "runs help tail"],
    ["secret backend get", "help secret backend get", "secret help backend get", "secret backend help get"],
  ] as const) {
    const { stdout } = await home.here([...page.split(" "), "--help"]);
    t.true(stdout.startsWith(`Usage: stepwell ${page} `), stdout);
    for (const line of lines) t.like(await home.here(line.split(" ")), { code: 0, stdout, stderr: "" }, line);
  }
  t.like(await home.here(["version"]), { code: 0, stdout: `${VERSION}\n`, stderr: "" });
});
