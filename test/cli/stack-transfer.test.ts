import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import anyTest from "ava";
import { type ScratchHome, scratchHome } from "../support/home.js";

// One after the other: each starts processes, and two cores are all that some machines have.
const test = anyTest.serial;

/** A home with a stack of two trackers, a label and a store of its own. */
async function withStack(home: ScratchHome): Promise<void> {
  for (const line of [
    "experiment-tracker register first --flavor=mlflow --tracking_uri=sqlite:////a/b.db -l team=a",
    "experiment-tracker register second --flavor=mlflow",
    "artifact-store register disk --flavor=local --path=/artifacts",
    "stack register mine -e second -e first -a disk -l env=prod",
  ])
    await home.json(line.split(" "));
}

interface Imported {
  readonly name: string;
  readonly labels: object;
  readonly experiment_trackers: readonly { readonly name: string }[];
  readonly created: readonly string[];
  readonly reused: readonly string[];
}

test("a stack that was exported comes back in another home, and again without making anything twice", async (t) => {
  const [here, there] = [await scratchHome(t), await scratchHome(t)];
  await withStack(here);
  const file = join(here.paths.home, "mine.yaml");
  t.is((await here.here(["stack", "export", "mine", file])).code, 0);
  t.is(statSync(file).mode & 0o777, 0o600);
  const again = await here.here(["stack", "export", "mine", file]);
  t.is(again.code, 2, "no file is written over");
  t.is((await here.here(["stack", "export", "mine", file, "--force"])).code, 0);
  const text = (await here.here(["stack", "export", "mine"])).stdout;
  t.is(text, readFileSync(file, "utf8"), "the answer is the file");

  const dry = await there.json(["stack", "import", "-f", file, "--dry-run"]);
  t.deepEqual((dry as Imported).created, ["second", "first", "disk"]);
  t.deepEqual((await there.json(["artifact-store", "list", "--name=disk"])) as unknown, []);
  const imported = (await there.json(["stack", "import", "-f", file])) as Imported;
  t.like(imported, { name: "mine", labels: { env: "prod" }, created: ["second", "first", "disk"] });
  t.deepEqual(
    imported.experiment_trackers.map(({ name }) => name),
    ["second", "first"],
  );
  const exported = await there.here(["stack", "export", "mine", "-o", "json"]);
  t.deepEqual(
    JSON.parse(exported.stdout),
    JSON.parse((await here.here(["stack", "export", "mine", "-o", "json"])).stdout),
  );

  const clash = await there.here(["stack", "import", "-f", file]);
  t.is(clash.code, 1);
  t.regex(clash.stderr, /"mine" is taken/);
  const twin = (await there.json(["stack", "import", "twin", "-f", file])) as Imported;
  t.like(twin, { name: "twin", created: [], reused: ["second", "first", "disk", "default"] });
  await there.json(["experiment-tracker", "update", "first", "--tracking_uri=sqlite:////other.db"]);
  t.regex(
    (await there.here(["stack", "import", "other", "-f", file])).stderr,
    /another experiment tracker "first"/,
  );
  const renamed = (await there.json(["stack", "import", "-f", file, "--rename"])) as Imported;
  t.like(renamed, { name: "mine-2", created: ["first-2"], reused: ["second", "disk", "default"] });
});

const GOOD = { format: "stepwell-stack", version: 1, name: "s", components: [] as object[] };
const TRACKER = { type: "experiment_tracker", name: "t", flavor: "mlflow" };

const REFUSED: readonly (readonly [text: string, sentence: RegExp])[] = [
  ["a: [", /no YAML/],
  ["- a", /The file is no mapping/],
  ["name: s", /no line "format: stepwell-stack"/],
  [JSON.stringify({ ...GOOD, version: 2 }), /has version 2 .* reads version 1/],
  [JSON.stringify({ ...GOOD, name: "" }), /"name" is missing/],
  [JSON.stringify({ ...GOOD, components: {} }), /"components" is no list/],
  [JSON.stringify({ ...GOOD, components: [{ ...TRACKER, type: "x" }] }), /type of component 1 is none of/],
  [
    JSON.stringify({ ...GOOD, components: [{ ...TRACKER, configuration: { tracking_uri: {} } }] }),
    /is no text/,
  ],
  [JSON.stringify({ ...GOOD, components: [TRACKER, TRACKER] }), /more than one/],
  [JSON.stringify({ ...GOOD, components: [{ ...TRACKER, flavor: "w" }] }), /flavor "w"/],
];

test("an import tells which secrets are missing, also for components that are there already", async (t) => {
  const home = await scratchHome(t);
  t.is((await home.here(["secret", "backend", "set", "vault"])).code, 0);
  await home.json(["secret", "create", "team", "--token=x"]);
  const settings = ["--tracking_uri=https://h", "--tracking_token={{team.token}}"];
  await home.json(["experiment-tracker", "register", "t", "--flavor=mlflow", ...settings]);
  await home.json(["stack", "register", "mine", "-e", "t"]);
  const { stdout } = await home.here(["stack", "export", "mine"]);
  t.is((await home.here(["secret", "delete", "team", "-y", "--force"])).code, 0);
  const imported = await home.stepwell(["stack", "import", "again", "-f", "-", "-o", "json"], {}, stdout);
  t.like(JSON.parse(imported.stdout), { created: [], missing_secrets: ["team.token"] });
});

test("a file that is no stack is refused with what is wrong in it, and nothing is made", async (t) => {
  const home = await scratchHome(t);
  await home.startDaemonOrFind();
  const file = join(home.paths.home, "file.yaml");
  for (const [text, sentence] of REFUSED) {
    writeFileSync(file, text);
    const { code, stderr } = await home.here(["stack", "import", "-f", file]);
    t.is(code, 1, text);
    t.regex(stderr, sentence);
  }
  t.is(((await home.json(["stack", "list"])) as object[]).length, 1);
});

test("a file without an end is read no further than a stack may be long", async (t) => {
  const home = await scratchHome(t);
  const endless = await home.here(["stack", "import", "-f", "/dev/zero"]);
  t.is(endless.code, 2);
  t.regex(endless.stderr, /^error: The file \/dev\/zero has more than 1024 KiB\./);
  t.is((await home.stepwell(["stack", "import", "-f", "-"], {}, "#".repeat(2_000_000))).code, 2);
});

test("a file of another version is read where that is asked for, and its numbers are texts", async (t) => {
  const home = await scratchHome(t);
  const file = join(home.paths.home, "..", "s.yaml");
  writeFileSync(file, "format: stepwell-stack\nversion: 9\nname: s\nlabels: {n: 1}\ncomponents: []\n");
  const imported = await home.json(["stack", "import", "-f", file, "--ignore-version-mismatch"]);
  t.like(imported as object, { name: "s", labels: { n: "1" } });
});

test("a stack that can't deliver is told so, with exit code 1, and a whole one with 0", async (t) => {
  const home = await scratchHome(t);
  await home.startDaemonOrFind();
  t.like((await home.json(["stack", "validate"])) as object, { stack: "default", valid: true });
  await withStack(home);
  await home.json(["stack", "register", "bare"]);
  const bad = await home.here(["stack", "validate", "bare", "-o", "json"]);
  t.is(bad.code, 1);
  t.like(JSON.parse(bad.stdout), {
    stack: "bare",
    valid: false,
    problems: ["The stack holds no experiment tracker."],
  });
  t.regex(bad.stderr, /STEPWELL_STACK_INVALID/);
  t.like((await home.json(["stack", "validate", "mine"])) as object, { stack: "mine", valid: true });
});
