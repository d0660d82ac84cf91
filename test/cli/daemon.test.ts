import { execFile, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import anyTest from "ava";
import { readEndpoint } from "../../src/home/endpoint.js";
import { isAlive } from "../../src/home/processes.js";
import { VERSION } from "../../src/model/version.js";
import { openStore } from "../../src/store/store.js";
import { TABLES } from "../../src/store/tables.js";
import { type DaemonProcess, ROOT, scratchHome } from "../support/home.js";
import { homeForAll } from "../support/home-for-all.js";

// One after the other: some of them look at how long things take.
const test = anyTest.serial;
// Only there is a /proc to look at.
const testOnLinux = process.platform === "linux" ? test : test.skip;
const COMMAND = join(ROOT, "build/stepwell.js");

interface Info {
  readonly pid: number;
  readonly version: string;
  readonly endpoint: string;
  readonly gateway_url: string;
  readonly home: string;
}

let started: Info;
/** A home whose daemon was started by the command. */
const startedHome = homeForAll(anyTest, async (home) => {
  started = (await home.json(["daemon", "start"])) as Info;
});

/** One whose daemon is there and answers nothing. */
let stopped: DaemonProcess;
const stoppedHome = homeForAll(anyTest, async (home) => {
  stopped = await home.startDaemon();
  stopped.child.kill("SIGSTOP");
});

test("daemon start waits until it answers, and says which daemon does", async (t) => {
  const home = startedHome();
  t.like(started, { version: VERSION, home: home.paths.home, endpoint: `unix:${home.paths.socketPath}` });
  t.regex(started.gateway_url, /^http:\/\/127\.0\.0\.1:\d+$/, "where it is, without a pass");
  t.deepEqual(await home.json(["daemon", "status"]), started);
  t.deepEqual(await home.json(["daemon", "start"]), started, "a second start finds the first");
});

test("daemon stop waits until the process and its endpoint file are gone, and starts again on the same state", async (t) => {
  const home = await scratchHome(t);
  const { pid } = (await home.json(["daemon", "start"])) as Info;
  t.is((await home.stepwell(["stack", "list"])).code, 0);
  const stopped = await home.stepwell(["daemon", "stop"]);
  t.is(stopped.code, 0);
  t.is(stopped.stdout, "");
  t.is(stopped.stderr, `The daemon (pid ${pid}) has ended; everything is delivered.\n`);
  t.false(isAlive(pid));
  t.is(readEndpoint(home.paths), undefined);
  t.is((await home.stepwell(["daemon", "stop"])).code, 0, "stopping none is no error");
  const again = (await home.json(["daemon", "start"])) as Info;
  t.not(again.pid, pid);
});

test("daemon restart makes another process of it", async (t) => {
  const home = await scratchHome(t);
  const first = (await home.json(["daemon", "start"])) as Info;
  const second = (await home.json(["daemon", "restart"])) as Info;
  t.not(second.pid, first.pid);
  t.false(isAlive(first.pid));
  t.true(isAlive(second.pid));
});

test("a hundred callers at once get one daemon, and each answers", async (t) => {
  const home = await scratchHome(t);
  const question = ["flush", "-o", "json"];
  // Most of them share a process: what they meet at is the home.
  const callers = Array.from({ length: 100 }, (_, index) =>
    index % 10 === 0 ? home.stepwell(question) : home.here(question),
  );
  const results = await Promise.all(callers);
  t.deepEqual(
    results.filter(({ code }) => code !== 0),
    [],
  );
  for (const { stdout } of results) t.is((JSON.parse(stdout) as { queued_points: number }).queued_points, 0);
  const log = await readFile(home.paths.logFile, "utf8");
  t.is(log.split("\n").filter((line) => line.includes("the daemon serves")).length, 1, log);
});

test("`stepwell flush | cat` returns at once with a daemon that it started", async (t) => {
  const home = await scratchHome(t);
  const begin = performance.now();
  const line = `"${process.execPath}" "${COMMAND}" flush -o json 3>&1 | cat`;
  const { stdout } = await promisify(execFile)("sh", ["-c", line], { env: home.env, timeout: 120_000 });
  t.is((JSON.parse(stdout) as { queued_points: number }).queued_points, 0);
  t.true(performance.now() - begin < 60_000);
  t.true(isAlive(readEndpoint(home.paths)?.pid ?? 0), "the daemon outlives the pipe");
});

testOnLinux(
  "a started daemon has its own session, its home as folder, the log as output and nothing of the caller",
  async (t) => {
    const home = await scratchHome(t);
    const secret = { MLFLOW_TRACKING_PASSWORD: "hunter2", AWS_SECRET_ACCESS_KEY: "hunter3" };
    const line = `exec "${process.execPath}" "${COMMAND}" flush 7</dev/zero 9>/dev/full`;
    await promisify(execFile)("sh", ["-c", line], { env: { ...home.env, ...secret }, timeout: 120_000 });
    const pid = readEndpoint(home.paths)?.pid ?? 0;
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    t.is(Number(fields[2]), pid, "the leader of its process group");
    t.is(Number(fields[3]), pid, "the leader of its session");
    t.is(readlinkSync(`/proc/${pid}/cwd`), home.paths.home);
    t.is(readlinkSync(`/proc/${pid}/fd/0`), "/dev/null");
    t.is(readlinkSync(`/proc/${pid}/fd/1`), home.paths.logFile);
    t.is(readlinkSync(`/proc/${pid}/fd/2`), home.paths.logFile);
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    t.false(open.includes("/dev/zero") || open.includes("/dev/full"), open.join(" "));
    t.false(readFileSync(`/proc/${pid}/environ`, "utf8").includes("hunter"));
  },
);

test("the socket and its folder are closed to everybody else", async (t) => {
  const home = startedHome();
  t.is(statSync(dirname(home.paths.socketPath)).mode & 0o777, 0o700);
  t.is(statSync(home.paths.endpointFile).mode & 0o777, 0o600);
  t.is(statSync(home.paths.logFile).mode & 0o777, 0o600);
});

test("a killed daemon's endpoint file and socket do not stand in the next one's way", async (t) => {
  const home = await scratchHome(t);
  const killed = await home.startDaemon();
  await killed.end("SIGKILL");
  t.truthy(readEndpoint(home.paths));
  t.is((await home.stepwell(["daemon", "status"])).code, 3);
  const flush = ["flush"];
  const results = await Promise.all([home.stepwell(flush), home.stepwell(flush), home.here(flush)]);
  t.deepEqual(
    results.map(({ code }) => code),
    [0, 0, 0],
  );
  t.not(readEndpoint(home.paths)?.pid, killed.child.pid);
});

test("a caller that was killed while it held the spawn lock stops nobody", async (t) => {
  const home = await scratchHome(t);
  const holder = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"], { env: home.env });
  await mkdir(dirname(home.paths.spawnLockFile), { recursive: true });
  await writeFile(home.paths.spawnLockFile, JSON.stringify({ pid: holder.pid, token: "x" }));
  const waiting = home.stepwell(["flush"]);
  await sleep(1000);
  t.false(existsSync(home.paths.endpointFile), "while the holder lives, others wait");
  holder.kill("SIGKILL");
  t.is((await waiting).code, 0);
});

test("a home whose socket path would be too long works, through a short one", async (t) => {
  const home = await scratchHome(t, "h".repeat(120));
  const info = (await home.json(["daemon", "start"])) as Info;
  t.true(Buffer.byteLength(info.endpoint) < 110, info.endpoint);
  t.is((await home.stepwell(["status"])).code, 0);
  t.is(statSync(dirname(info.endpoint.slice("unix:".length))).mode & 0o777, 0o700);
});

test("a copied home gets a daemon of its own", async (t) => {
  const copy = await scratchHome(t);
  await mkdir(copy.paths.home);
  await cp(startedHome().paths.endpointFile, copy.paths.endpointFile);
  const second = (await copy.json(["daemon", "start"])) as Info;
  t.not(second.pid, started.pid);
  t.is(second.home, copy.paths.home);
});

test("without autostart and without a daemon a command exits with 3", async (t) => {
  const home = await scratchHome(t);
  const result = await home.stepwell(["status"], { STEPWELL_AUTOSTART: "0" });
  t.is(result.code, 3);
  t.regex(
    result.stderr,
    /^error: No daemon is running.*\n {2}.*stepwell daemon start.*\n {2}STEPWELL_DAEMON_UNREACHABLE\n$/,
  );
  t.false(existsSync(home.paths.home));
  const pointed = await home.stepwell(["status"], { STEPWELL_ENDPOINT: "unix:/nowhere/daemon.sock" });
  t.is(pointed.code, 3);
  t.true(pointed.stderr.includes("unix:/nowhere/daemon.sock"));
});

test("a daemon that can't start says why, with its own code", async (t) => {
  const home = await scratchHome(t);
  const store = await openStore(home.paths.stateFolder);
  await store.write([{ table: TABLES.meta, key: "schema", value: 999 }], { sync: true });
  await store.close();
  const result = await home.stepwell(["flush"]);
  t.is(result.code, 7);
  t.regex(result.stderr, /^(?:Waiting for .*\n)?error: .*\n {2}.*\n {2}STEPWELL_STORE_NEWER\n$/);
  const impossible = await home.stepwell(["flush"], {
    STEPWELL_HOME: join(home.paths.stateFolder, "CURRENT", "below"),
  });
  t.is(impossible.code, 1);
  t.true(impossible.stderr.includes("STEPWELL_HOME_UNUSABLE"));
});

test("a stopped process that answers nothing is not called absent, and is waited for only so long", async (t) => {
  const home = await scratchHome(t);
  const daemon = await home.startDaemon();
  daemon.child.kill("SIGSTOP");
  const stopping = home.stepwell(["daemon", "stop", "--timeout=5"]);
  const questions = [["status"], ["daemon", "status"], ["runs", "list"]].map((words) => home.here(words));
  for (const { code, stderr } of await Promise.all(questions)) {
    t.is(code, 3);
    t.regex(
      stderr,
      /^error: The daemon \(pid \d+\) lives and has not answered for \d+ s\.\n {2}.*kill -9 \d+/,
    );
  }
  daemon.child.kill("SIGCONT");
  daemon.child.kill("SIGTERM");
  const { code, stderr } = await stopping;
  t.is(code, 0, stderr);
  t.is(stderr.split("\n").length, 3, "says that it waits, then that it has ended");
});

test("a daemon that never hears the request is not said to be ending: exit code 3, and how to end it", async (t) => {
  const { code, stderr } = await stoppedHome().here(["daemon", "stop", "--timeout=0"]);
  t.is(code, 3, stderr);
  t.true(stderr.includes(`could not be told to end`), stderr);
  t.true(stderr.includes(`kill -9 ${stopped.child.pid}`), stderr);
  t.true(stderr.endsWith("STEPWELL_DAEMON_UNREACHABLE\n"), stderr);
});

test("a daemon whose endpoint file was removed is found by its lock: it is not said that none runs", async (t) => {
  if (process.platform !== "linux") {
    t.pass("only Linux shows who holds a lock");
    return;
  }
  const home = stoppedHome();
  await rm(home.paths.endpointFile);
  const { code, stderr } = await home.here(["daemon", "stop", "--timeout=0"]);
  t.is(code, 3, stderr);
  t.true(stderr.includes(`The daemon (pid ${stopped.child.pid}) lives`), stderr);
});

test("a daemon that is killed as it is told to end has ended, though its endpoint file is there", async (t) => {
  const home = await scratchHome(t);
  const daemon = await home.startDaemon();
  daemon.child.kill("SIGSTOP");
  const stopping = home.stepwell(["daemon", "stop"]);
  await sleep(1000);
  daemon.child.kill("SIGKILL");
  const { code, stderr } = await stopping;
  t.is(code, 0, stderr);
  t.truthy(readEndpoint(home.paths));
});

test("a pid that another process has now is not waited for, whatever the wall clock says", async (t) => {
  if (process.platform !== "linux") {
    t.pass("the system does not say when a process began");
    return;
  }
  const home = await scratchHome(t);
  const killed = await home.startDaemon();
  await killed.end("SIGKILL");
  const file = JSON.parse(await readFile(home.paths.endpointFile, "utf8")) as object;
  // This process began before it; a clock that was set makes any time of start look right.
  await writeFile(
    home.paths.endpointFile,
    JSON.stringify({ ...file, pid: process.pid, started_ms: 2 ** 52 }),
  );
  const { code, stderr } = await home.stepwell(["daemon", "stop"]);
  t.is(code, 0, stderr);
  t.is(stderr, "No daemon is running.\n");
});

test("a daemon that was told to take a home on a network file system is started with that", async (t) => {
  const home = await scratchHome(t);
  const { pid } = (await home.json(["daemon", "start", "--allow-network-fs"])) as Info;
  if (process.platform === "linux") {
    t.regex(readFileSync(`/proc/${pid}/cmdline`, "utf8"), /stepwell-daemon\.cjs\0--allow-network-fs\0$/);
  } else t.true(isAlive(pid));
});
