/** What a daemon and its helpers have in memory stays there. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import test from "ava";
import { readEndpoint } from "../../src/home/endpoint.js";
import { dumpsMemory } from "../../src/home/private-memory.js";
import { ensureBundle } from "../support/bundle.js";
import { scratchFolder } from "../support/folder.js";
import { ROOT, scratchHome } from "../support/home.js";
import { until } from "../support/until.js";

const isLinux = process.platform === "linux";
const SECRET = `never-on-disk-${"x".repeat(24)}`;

/** Runs a program with core dumps on, as a user's shell may have them. */
function withDumps(program: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd: string) {
  return spawn("/bin/sh", ["-c", 'ulimit -S -c $(ulimit -H -c); exec "$@"', "sh", program, ...args], {
    ...{ env, cwd },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Sockets of a process that listen on TCP. */
function listeningPorts(pid: number): number {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`)
      .map((fd) => /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1])
      .filter((inode) => inode !== undefined),
  );
  const rows = ["tcp", "tcp6"].flatMap((name) =>
    readFileSync(`/proc/${pid}/net/${name}`, "utf8").split("\n").slice(1),
  );
  const isListening = (row: string) => row.trim().split(/\s+/)[3] === "0A";
  return rows.filter((row) => isListening(row) && inodes.has(row.trim().split(/\s+/)[9] ?? "")).length;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

test("a daemon that a command starts, or anybody, writes no core dump with anything in it, and its children neither", async (t) => {
  if (!isLinux) return void t.pass("no /proc");
  const home = await scratchHome(t);
  const command = await ensureBundle();
  const starter = withDumps(process.execPath, [command, "daemon", "start"], { ...home.env }, ROOT);
  t.is((await once(starter, "exit"))[0], 0, await text(starter.stderr));
  const byCommand = readEndpoint(home.paths)?.pid ?? 0;
  t.regex(readFileSync(`/proc/${byCommand}/limits`, "utf8"), /^Max core file size\s+0\s+0 /m);
  t.is(dumpsMemory(byCommand), "no");
  const checks = (await home.stepwell(["doctor", "-o", "json"])).stdout;
  t.like(
    (JSON.parse(checks) as { check: string }[]).find(({ check }) => check === "the daemon's memory"),
    {
      result: "ok",
    },
  );
  t.is((await home.here(["daemon", "stop"])).code, 0);
  // By a service manager, say.
  const alone = withDumps(process.execPath, [join(ROOT, "build/stepwell-daemon.cjs")], { ...home.env }, ROOT);
  t.teardown(() => alone.kill("SIGKILL"));
  const byAnybody = await until(
    "it serves",
    () => readEndpoint(home.paths)?.pid ?? 0,
    (pid) => pid === alone.pid,
  );
  t.is(readFileSync(`/proc/${byAnybody}/coredump_filter`, "utf8").trim(), "00000000");
  t.is(dumpsMemory(byAnybody), "no");
  // The test's own process says nothing of its memory.
  t.is(dumpsMemory(process.pid) === "unknown", false);
});

test("a dump of the daemon's memory that is taken in spite of its limit holds no secret", async (t) => {
  if (!isLinux || !existsSync("/usr/bin/prlimit")) return void t.pass("no prlimit");
  const home = await scratchHome(t);
  const folder = await scratchFolder(t);
  // What the daemon does first, then a secret in its memory; the limit is put back by its starter, as a handler ignores it.
  const program = `
    import { keepMemoryPrivate } from ${JSON.stringify(join(ROOT, "build/src/home/private-memory.js"))};
    if (process.argv[1] === "private") keepMemoryPrivate();
    const kept = Buffer.from(${JSON.stringify([...SECRET].reverse().join(""))}).reverse();
    process.abort(kept);`;
  const holds: Record<string, boolean | undefined> = {};
  for (const mode of ["open", "private"]) {
    const cwd = join(folder, mode);
    mkdirSync(cwd);
    const child = withDumps(
      process.execPath,
      ["--input-type=module", "-e", program, mode],
      { ...home.env },
      cwd,
    );
    await once(child, "exit");
    const dump = readdirSync(cwd).find((name) => name.startsWith("core"));
    holds[mode] = dump === undefined ? undefined : readFileSync(join(cwd, dump)).includes(SECRET);
    rmSync(cwd, { recursive: true });
  }
  // Where this machine keeps dumps in the working folder the first one shows that a secret can be found.
  if (holds["open"] === undefined) return void t.pass("dumps go elsewhere here");
  t.deepEqual(holds, { open: true, private: false });
});

test("SIGUSR1 opens no debugger in a daemon, and no report of it is written", async (t) => {
  if (!isLinux) return void t.pass("no /proc");
  const home = await scratchHome(t);
  const folder = await scratchFolder(t);
  const options = `--report-on-signal --report-signal=SIGUSR1 --report-directory=${folder}`;
  const { endpoint, child } = await home.startDaemon({ env: { NODE_OPTIONS: options } });
  child.kill("SIGUSR1");
  // It has met the signal once it has answered what came after it.
  t.is((await home.stepwell(["daemon", "status"])).code, 0);
  t.is(listeningPorts(endpoint.pid), 1, "the gateway's alone");
  t.deepEqual(readdirSync(folder), []);
});

test("a command that reads a secret writes no core dump with it, and opens no debugger", async (t) => {
  if (!isLinux) return void t.pass("no /proc");
  const home = await scratchHome(t);
  await home.startDaemonOrFind();
  const child = spawn(process.execPath, [await ensureBundle(), "secret", "create", "one", "--value=-"], {
    env: { ...home.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  t.teardown(() => child.kill("SIGKILL"));
  const pid = child.pid ?? 0;
  const filterOf = () => readFileSync(`/proc/${pid}/coredump_filter`, "utf8").trim();
  await until("it has begun", filterOf, (filter) => filter === "00000000");
  child.kill("SIGUSR1");
  t.is(listeningPorts(pid), 0);
});
