/** What is wrong is said in one helpful line, with the right exit code. */
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import anyTest from "ava";
import { ensureBundle } from "../support/bundle.js";
import { scratchHome } from "../support/home.js";
import { fill, makeReadOnly, testWithVolumes, volume } from "../support/volume.js";

// One after the other: each starts processes, and two cores are all that some machines have.
const test = anyTest.serial;
const HELPFUL = (sentence: string, code: string) =>
  new RegExp(`^error: [^\\n]*${sentence}[^\\n]*\\n {2}[^\\n]+\\n {2}${code}\\n$`);

for (const [title, line, env, code, stderr] of [
  ["no command", [], {}, 2, HELPFUL("Give a command", "STEPWELL_USAGE")],
  [
    "a typo in a command",
    ["stak", "list"],
    {},
    2,
    HELPFUL("'stak'. Did you mean stack\\?", "STEPWELL_USAGE"),
  ],
  ["help on a typo", ["help", "stak"], {}, 2, HELPFUL("'stak'. Did you mean stack\\?", "STEPWELL_USAGE")],
  ["help on a typo in a verb", ["stack", "lst", "--help"], {}, 2, HELPFUL("'lst'. .*list", "STEPWELL_USAGE")],
  ["a typo in a verb", ["stack", "lst"], {}, 2, HELPFUL("'lst'. .*list", "STEPWELL_USAGE")],
  ["a typo in an option", ["stack", "list", "--colums=name"], {}, 2, HELPFUL("--columns", "STEPWELL_USAGE")],
  [
    "no daemon",
    ["stack", "list"],
    { STEPWELL_AUTOSTART: "0" },
    3,
    HELPFUL("No daemon is running", "STEPWELL_DAEMON_UNREACHABLE"),
  ],
  [
    "a daemon that is nowhere",
    ["status"],
    { STEPWELL_ENDPOINT: "unix:/nowhere/x.sock" },
    3,
    HELPFUL("No daemon answers at", "STEPWELL_DAEMON_UNREACHABLE"),
  ],
  [
    "a home that is no folder",
    ["flush"],
    { STEPWELL_HOME: "/dev/null/x" },
    1,
    HELPFUL("can't be used", "STEPWELL_HOME_UNUSABLE"),
  ],
] as const) {
  test(`one helpful line for ${title}`, async (t) => {
    const home = await scratchHome(t);
    // One of them as a shell runs it.
    const result = line.length === 0 ? await home.stepwell(line, env) : await home.here(line, env);
    t.like(result, { code, stdout: "" });
    t.regex(result.stderr, stderr);
  });
}

test("one helpful line for a name that nearly is one", async (t) => {
  const home = await scratchHome(t);
  await home.json(["experiment-tracker", "register", "production", "--flavor=mlflow"]);
  const result = await home.here(["experiment-tracker", "describe", "prodction"]);
  t.is(result.code, 1);
  t.regex(result.stderr, HELPFUL('Did you mean "production"\\?', "STEPWELL_COMPONENT_UNKNOWN"));
  const store = await home.here(["artifact-store", "describe", "none"]);
  t.regex(store.stderr, /artifact-store list/, "what to type is of artifact stores, too");
  const bucket = await home.here(["artifact-store", "register", "b", "--flavor=s3"]);
  t.regex(bucket.stderr, /artifact-store register --help/);
});

test("one helpful line for an empty name: it is neither the active thing nor all of them", async (t) => {
  const home = await scratchHome(t);
  await home.startDaemonOrFind();
  const lines = [
    ...[
      "experiment-tracker test",
      "experiment-tracker describe",
      "stack export",
      "stack describe",
      "runs tail",
    ],
    ...["runs show", "env -e", "dead-letter list --tracker", "dead-letter drop --all --yes --run"],
    ...["dead-letter retry --all --run", "log loss=1 --run"],
  ];
  for (const line of lines) {
    const { code, stdout, stderr } = await home.here([...line.split(" "), ""]);
    t.deepEqual({ code, stdout }, { code: 2, stdout: "" }, line);
    t.regex(stderr, HELPFUL("is empty: is a variable of the shell not set\\?", "STEPWELL_USAGE"), line);
  }
});

test("one line for a run whatever its name, and none of an error fills the screen", async (t) => {
  const home = await scratchHome(t);
  const named = async (name: string) =>
    (await home.stepwell(["run", "--run-name", name, "--", "true"], { STEPWELL_QUIET: "" })).stderr;
  const shown = (name: string) =>
    new RegExp(
      `^stepwell: run ${name} logs to default\\. [^\\n]*\\nstepwell: run ${name} FINISHED\\. [^\\n]*\\n$`,
    );
  t.regex(await named("x".repeat(8_000)), shown("x{77}\\.{3}"));
  t.regex(await named("a\n\u{1b}[2J\u{202e}b"), shown("a\\\\u\\{a\\}\\\\u\\{1b\\}\\[2J\\\\u\\{202e\\}b"));
  t.regex(await named(""), shown("[a-z]+-[a-z]+-\\d+"), "it gets one, as in MLflow");
  for (const words of [
    ["runs", "show"],
    ["experiment-tracker", "describe"],
    ["help"],
    ["stack", "register"],
  ]) {
    const { stderr } = await home.here([...words, "\u{1f600}".repeat(8_000)]);
    t.regex(stderr, HELPFUL(" \\.\\.\\. ", "STEPWELL_\\w+"));
    t.true(stderr.length < 1_200 && stderr.isWellFormed(), `${words.join(" ")}: ${stderr.length}`);
  }
});

(existsSync("/dev/full") ? test : test.skip)(
  "one helpful line for an answer that can't be written",
  async (t) => {
    const home = await scratchHome(t);
    const words = [process.execPath, await ensureBundle(), "--help"];
    const { status, stderr } = spawnSync("bash", ["-c", 'exec "$@" >/dev/full', "bash", ...words], {
      ...{ env: home.env, encoding: "utf8" },
    });
    t.is(status, 1);
    t.regex(stderr, HELPFUL("ENOSPC", "STEPWELL_ANSWER_UNWRITABLE"));
  },
);

testWithVolumes()(
  "one helpful line for a full disk, with a daemon and without, and all is well again after it",
  async (t) => {
    const home = await scratchHome(t);
    const folder = await volume(t, 40_000);
    const env = { STEPWELL_HOME: `${folder}/home` };
    fill(folder);
    const unborn = await home.stepwell(["flush"], env);
    t.is(unborn.code, 1);
    t.regex(unborn.stderr, HELPFUL("disk of the home is full", "STEPWELL_DISK_FULL"));
    rmSync(`${folder}/fill`);
    t.is((await home.here(["stack", "register", "before"], env)).code, 0);
    fill(folder);
    const full = await home.stepwell(["stack", "register", "during", "-l", `x=${"y".repeat(5_000)}`], env);
    t.is(full.code, 1);
    t.regex(full.stderr, HELPFUL("disk of the home is full", "STEPWELL_DISK_FULL"));
    t.is((await home.here(["stack", "list"], env)).code, 0, "looking needs no room");
    rmSync(`${folder}/fill`);
    t.is((await home.here(["stack", "register", "after"], env)).code, 0);
    t.is((await home.here(["daemon", "restart"], env)).code, 0);
    const names = await home.here(["stack", "list", "--columns=name", "-o", "csv"], env);
    t.is(names.stdout, "name\nafter\nbefore\ndefault\n");
    t.is((await home.here(["daemon", "stop"], env)).code, 0);
  },
);

testWithVolumes()("one helpful line for a home that can't be written", async (t) => {
  const home = await scratchHome(t);
  const folder = await volume(t, 1_000);
  makeReadOnly(folder);
  const result = await home.stepwell(["flush"], { STEPWELL_HOME: `${folder}/home` });
  t.is(result.code, 1);
  t.regex(result.stderr, HELPFUL("can't be (used|written)", "STEPWELL_HOME_UNUSABLE"));
  const looked = await home.stepwell(["doctor"], { STEPWELL_HOME: `${folder}/in/home` });
  t.is(looked.code, 1);
  t.true(
    looked.stdout.includes(`${folder}/in/home can't be made: ${folder} can't be written to.`),
    looked.stdout,
  );
});
