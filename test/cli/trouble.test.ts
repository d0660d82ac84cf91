/** What is wrong is said in one helpful line, with the right exit code. */
import { rmSync } from "node:fs";
import anyTest from "ava";
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
    const result = await home.stepwell(line, env);
    t.like(result, { code, stdout: "" });
    t.regex(result.stderr, stderr);
  });
}

test("one helpful line for a name that nearly is one", async (t) => {
  const home = await scratchHome(t);
  await home.json(["experiment-tracker", "register", "production", "--flavor=mlflow"]);
  const result = await home.stepwell(["experiment-tracker", "describe", "prodction"]);
  t.is(result.code, 1);
  t.regex(result.stderr, HELPFUL('Did you mean "production"\\?', "STEPWELL_COMPONENT_UNKNOWN"));
  const store = await home.stepwell(["artifact-store", "describe", "none"]);
  t.regex(store.stderr, /artifact-store list/, "what to type is of artifact stores, too");
  const bucket = await home.stepwell(["artifact-store", "register", "b", "--flavor=s3"]);
  t.regex(bucket.stderr, /artifact-store register --help/);
});

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
    t.is((await home.stepwell(["stack", "register", "before"], env)).code, 0);
    fill(folder);
    const full = await home.stepwell(["stack", "register", "during", "-l", `x=${"y".repeat(5_000)}`], env);
    t.is(full.code, 1);
    t.regex(full.stderr, HELPFUL("disk of the home is full", "STEPWELL_DISK_FULL"));
    t.is((await home.stepwell(["stack", "list"], env)).code, 0, "looking needs no room");
    rmSync(`${folder}/fill`);
    t.is((await home.stepwell(["stack", "register", "after"], env)).code, 0);
    t.is((await home.stepwell(["daemon", "restart"], env)).code, 0);
    const names = await home.stepwell(["stack", "list", "--columns=name", "-o", "csv"], env);
    t.is(names.stdout, "name\nafter\nbefore\ndefault\n");
    t.is((await home.stepwell(["daemon", "stop"], env)).code, 0);
  },
);

testWithVolumes()("one helpful line for a home that can't be written", async (t) => {
  const home = await scratchHome(t);
  const folder = await volume(t, 1_000);
  makeReadOnly(folder);
  const result = await home.stepwell(["flush"], { STEPWELL_HOME: `${folder}/home` });
  t.is(result.code, 1);
  t.regex(result.stderr, HELPFUL("can't be (used|written)", "STEPWELL_HOME_UNUSABLE"));
});
