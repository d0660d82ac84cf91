import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import anyTest from "ava";
import { examine } from "../../src/cli/commands/doctor-program.js";
import { nodeCheck } from "../../src/cli/commands/home-checks.js";
import { readEndpoint } from "../../src/home/endpoint.js";
import { isAlive } from "../../src/home/processes.js";
import { deadlineAfter } from "../../src/home/wait.js";
import { VERSION } from "../../src/model/version.js";
import { change, holdLock } from "../sinks/mlflow-sqlite/database.js";
import { ROOT, type ScratchHome, scratchHome } from "../support/home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { standInDaemon } from "../support/stand-in-daemon.js";
import { until } from "../support/until.js";

// One after the other: each starts processes, and two cores are all that some machines have.
const test = anyTest.serial;

/** Only root can be another user. */
const testAsRoot = process.getuid?.() === 0 ? test : test.skip;
const COMMAND = join(ROOT, "build/stepwell.js");

interface CheckJson {
  readonly check: string;
  readonly result: string;
  readonly finding: string;
  readonly remedy: string;
}

/** What a row that is well has no need of. */
const SCARE = /damag|lost|fail|wrong|error|trouble|kill|dump|crash|corrupt|refus|missing|can't|dead/i;

async function doctor(home: ScratchHome, env?: Readonly<Record<string, string>>) {
  const { code, stdout, stderr } = await home.here(["doctor", "-o", "json"], env);
  const checks = JSON.parse(stdout || "[]") as CheckJson[];
  const of = (name: string) => checks.find(({ check }) => check === name);
  return { code, stderr, of, checks, names: checks.map(({ check }) => check) };
}

test("the doctor knows which Node.js is too old", (t) => {
  t.is(nodeCheck("20.18.3").result, "failed");
  t.is(nodeCheck("18.20.0").result, "failed");
  t.is(nodeCheck("20.19.0").result, "ok");
  t.is(nodeCheck("26.0.1").result, "ok");
});

test("the doctor looks at a home that is not there, makes nothing and starts nothing", async (t) => {
  const home = await scratchHome(t);
  const { code, of } = await doctor(home);
  t.is(code, 3);
  t.regex(of("home")?.finding ?? "", /which is not made yet/);
  t.regex(of("daemon")?.finding ?? "", /^None runs/);
  t.throws(() => readdirSync(home.paths.home), { code: "ENOENT" });
});

test("the doctor sees the same with a daemon and without one", async (t) => {
  const home = await scratchHome(t);
  const missing = `--tracking_uri=sqlite:///${home.paths.home}/there.db`;
  await home.json(["experiment-tracker", "register", "one", "--flavor=mlflow"]);
  await home.json(["experiment-tracker", "register", "two", "--flavor=mlflow", missing]);
  const running = await doctor(home);
  t.is(running.code, 0);
  t.regex(running.of("daemon")?.finding ?? "", /^It answers \(pid \d+, version/);
  t.is((await home.here(["daemon", "stop"])).code, 0);
  const stopped = await doctor(home);
  t.is(stopped.code, 3);
  t.is(stopped.of("state store")?.result, "ok");
  t.deepEqual(
    stopped.names.filter((name) => name !== "state store"),
    running.names.filter((name) => name !== "the daemon's memory"),
  );
  t.deepEqual(stopped.of("tracker two"), running.of("tracker two"));
  t.regex(running.of("tracker two")?.finding ?? "", /there\.db: not made yet/);
  t.regex((await home.here(["doctor", "-o", "table"])).stdout, /^CHECK +RESULT +FINDING +REMEDY\n/);
  t.regex((await home.here(["doctor"])).stdout, /^ok +Node\.js +Version /);
  for (const { check, result, finding } of [...running.checks, ...stopped.checks]) {
    if (result !== "ok") continue;
    const isShort = finding.replace(/\S*\//, "").length <= 60;
    t.true(isShort && !SCARE.test(finding), `${check}: ${finding}`);
  }
});

test("the doctor says what is wrong with a tracker's database, and exits with 1 for what holds a lane", async (t) => {
  const home = await scratchHome(t);
  const path = `${home.paths.home}/x.db`;
  await home.json([
    "experiment-tracker",
    "register",
    "x",
    "--flavor=mlflow",
    `--tracking_uri=sqlite:///${path}`,
  ]);
  writeFileSync(path, "no database at all, and long enough to be taken for one by its size".repeat(20));
  const noise = await doctor(home);
  t.is(noise.code, 1);
  t.like(noise.of("tracker x"), { result: "failed" });
  t.regex(noise.of("tracker x")?.finding ?? "", /^STEPWELL_DATABASE_NOT_UNDERSTOOD: /);
  truncateSync(path, 0);
  change(path, "CREATE TABLE other (a)");
  t.regex(
    (await doctor(home)).of("tracker x")?.finding ?? "",
    /NOT_UNDERSTOOD: .* it has no table experiments/,
  );
  const release = holdLock(path);
  const locked = await doctor(home);
  release();
  t.is(locked.of("tracker x")?.result, "warn");
  t.is(locked.code, 0, "a lock passes");
});

test("the doctor tells a daemon that was killed, a lock whose holder is gone and a home that others may read", async (t) => {
  const home = await scratchHome(t);
  const daemon = await home.startDaemon();
  await daemon.end("SIGKILL");
  writeFileSync(home.paths.spawnLockFile, JSON.stringify({ pid: daemon.child.pid, token: "x" }));
  chmodSync(home.paths.home, 0o755);
  const { code, of } = await doctor(home);
  t.is(code, 3, "none of it stops anything, and none runs");
  for (const [check, finding] of [
    ["daemon", /None runs; the endpoint file is of one \(pid \d+\) that did not end by itself/],
    ["spawn lock", /is gone/],
    ["home", /open to other users/],
  ] as const) {
    t.is(of(check)?.result, "warn");
    t.regex(of(check)?.finding ?? "", finding);
    t.not(of(check)?.remedy, "");
  }
});

test("the doctor tells a daemon that does not answer", async (t) => {
  const home = await scratchHome(t);
  const { child } = await home.startDaemon();
  child.kill("SIGSTOP");
  const { code, of } = await doctor(home);
  t.is(code, 1);
  t.regex(of("daemon")?.finding ?? "", /lives and does not answer/);
  t.is(of("state store")?.result, "warn", "it holds the store's lock");
  t.is((await home.here(["doctor", "--salvage"])).code, 1, "what it owns is left alone");
});

test("a state store that lost a file is left alone by doctor, and read back by the daemon", async (t) => {
  const home = await scratchHome(t);
  await home.json(["experiment-tracker", "register", "kept", "--flavor=mlflow"]);
  await home.here(["daemon", "stop"]);
  const current = `${home.paths.stateFolder}/CURRENT`;
  rmSync(current);
  const filesIn = (folder: string) => readdirSync(folder).filter((name) => /\.(ldb|log)$/.test(name));
  const before = filesIn(home.paths.stateFolder);
  const { code, of } = await doctor(home);
  t.is(code, 1);
  t.regex(of("state store")?.finding ?? "", /^STEPWELL_STORE_DAMAGED: /);
  t.deepEqual(filesIn(home.paths.stateFolder), before);
  const kept = (await home.json(["experiment-tracker", "list"])) as { name: string }[];
  t.deepEqual(
    kept.map(({ name }) => name),
    ["default", "kept"],
  );
  t.deepEqual(filesIn(`${home.paths.stateFolder}.damaged`), before);
});

testAsRoot("a home of another user is not said to be without a daemon", async (t) => {
  const home = await scratchHome(t);
  mkdirSync(home.paths.home, { mode: 0o700 });
  chmodSync(join(home.paths.home, ".."), 0o711);
  for (const words of ["status", "daemon status", "runs list", "doctor"]) {
    const nobody = { uid: 65_534, gid: 65_534, env: home.env, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...words.split(" ")], nobody);
    t.is(status, 1, words);
    if (words === "doctor") t.regex(stdout, /^failed +home +.* can't be written to\./m);
    else
      t.regex(
        stderr,
        /^error: The home .* can't be read by this user \(id 65534\)\.\n.*\n {2}STEPWELL_HOME_UNUSABLE\n$/,
      );
  }
});

test("--stop alone is a usage error", async (t) => {
  const home = await scratchHome(t);
  mkdirSync(home.paths.home);
  t.is((await home.here(["doctor", "--stop"])).code, 2);
});

test("a daemon that does not say how it stands is told, and the rest is looked at without it", async (t) => {
  const home = await scratchHome(t);
  const env = await standInDaemon(t, home, { isMute: true });
  const { code, stdout, elapsedMs } = await home.stepwell(["doctor", "-o", "json"], env);
  t.is(code, 1);
  const checks = JSON.parse(stdout) as CheckJson[];
  t.like(
    checks.find(({ check }) => check === "the daemon's state"),
    { result: "failed", finding: "STEPWELL_DAEMON_UNREACHABLE: The daemon did not answer within 5 s." },
  );
  t.is(checks.find(({ check }) => check === "journal")?.result, "ok");
  t.true(elapsedMs < 60_000, `${elapsedMs} ms`);
});

test("a program of the doctor's that does not come back is ended at the deadline, and that is said", async (t) => {
  const { env, paths } = await scratchHome(t);
  const context = { env, paths, program: [], stdout: () => undefined, stderr: () => undefined };
  const checks = await examine(context, undefined, deadlineAfter(10));
  t.is(checks.length, 1);
  t.like(checks[0], { check: "stores", result: "failed" });
  t.regex(checks[0]?.finding ?? "", /not looked through before the 15 s of a doctor's visit were over/);
});

test("a look starts no daemon and makes no home, a question makes none, and what changes something does", async (t) => {
  const home = await scratchHome(t);
  const looks = [["status"], ["status", "--check"], ["daemon", "status"], ["doctor"]];
  for (const words of [
    ...looks,
    ["runs", "list"],
    ["stack", "list"],
    ["dead-letter", "list"],
    ["runs", "tail"],
  ]) {
    const { code, stderr } = await home.here(words);
    t.is(code, 3, words.join(" "));
    if (words[0] !== "doctor") t.regex(stderr, /No daemon is running for .*, which does not exist yet\./);
  }
  t.false(existsSync(home.paths.home));
  t.like(JSON.parse((await home.here(["status", "-o", "json"])).stdout), {
    running: false,
    home_exists: false,
    queued_points: 0,
  });
  const producer = new RawProducer(await home.startDaemonOrFind());
  producer.hello();
  producer.batch(1, newRunId(), { runStart: startOf(["later"]), metrics: pointsOf("loss", 3) });
  await producer.acknowledged(1);
  producer.close();
  t.regex(
    (await home.here(["status"])).stdout,
    /^3 points wait.* 1 run, 1 held: There is no such .*: later\./,
  );
  const pid = readEndpoint(home.paths)?.pid ?? 0;
  t.is((await home.here(["daemon", "stop", "--timeout=0"])).code, 0);
  for (const words of looks) t.is((await home.here(words)).code, 3, words.join(" "));
  t.regex(
    (await home.here(["status"])).stdout,
    /^When the last daemon \(.*\) ended, 3 points of 1 lane waited/,
  );
  t.like(JSON.parse((await home.here(["status", "-o", "json"])).stdout), {
    ...{ running: false, version: VERSION, queued_points: 3, lane_count: 1, run_count: 1, lanes: [] },
  });
  t.is(readEndpoint(home.paths), undefined);
  t.is((await home.here(["runs", "list"])).code, 0, "a question starts one in a home that is there");
  const later = readEndpoint(home.paths)?.pid ?? 0;
  t.true(isAlive(later) && later !== pid);
  process.kill(later, "SIGKILL");
  await until(
    "the daemon is gone",
    () => isAlive(later),
    (lives) => !lives,
  );
  t.regex((await home.here(["status"])).stdout, /^The last daemon did not end by itself/);
  t.like(JSON.parse((await home.here(["status", "-o", "json"])).stdout), { queued_points: null });
});
