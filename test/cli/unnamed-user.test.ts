/** A user id without an entry in passwd and an environment without HOME, as in many containers. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import anyTest, { type ExecutionContext } from "ava";
import { ensureBundle } from "../support/bundle.js";
import { scratchFolder } from "../support/folder.js";
import { ROOT } from "../support/home.js";
import { until } from "../support/until.js";

const UNNAMED = 54_321;
const DAEMON = join(ROOT, "build/stepwell-daemon.cjs");

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Only root can become another user, and only where others may read this folder. */
async function canBeOthers(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  const read = `require("node:fs").readFileSync(${JSON.stringify(join(ROOT, "package.json"))})`;
  return (await asUnnamed(["-e", read], "/", {})).code === 0;
}

function asUnnamed(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  const who = process.getuid?.() === 0 ? { uid: UNNAMED, gid: UNNAMED } : {};
  return new Promise((resolve) => {
    execFile(process.execPath, [...args], { ...who, cwd, env, timeout: 120_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}

/** A folder of that user. */
async function folderOf(t: ExecutionContext): Promise<string> {
  const folder = await scratchFolder(t);
  chownSync(folder, UNNAMED, UNNAMED);
  return folder;
}

const canRun = await canBeOthers();
const test = canRun ? anyTest : anyTest.skip;
if (!canRun)
  process.stderr.write("SKIPPED: tests as another user need root, and a folder that others may read\n");

test("homes of other users in a spool's folder are none of its import's business", async (t) => {
  const command = await ensureBundle();
  const folder = await folderOf(t);
  for (const [name, uid] of [
    ["a", UNNAMED],
    ["b", 0],
  ] as const) {
    mkdirSync(join(folder, name), { mode: 0o700 });
    chownSync(join(folder, name), uid, uid);
  }
  const args = [command, "bundle", "import", folder, "--to", "default"];
  const env = { STEPWELL_HOME: join(folder, "home") };
  const { code, stderr } = await asUnnamed(args, folder, env);
  t.deepEqual([code, stderr], [0, ""]);
});

test("with STEPWELL_HOME alone the daemon starts and the command works", async (t) => {
  const command = await ensureBundle();
  const folder = await folderOf(t);
  const env = { STEPWELL_HOME: join(folder, "home") };
  const stepwell = (...args: string[]) => asUnnamed([command, ...args], folder, env);
  const started = await stepwell("daemon", "start", "-o", "json");
  t.is(started.code, 0, started.stderr);
  const registered = await stepwell("secret", "create", "s", "--token=x");
  t.is(registered.code, 0, registered.stderr);
  t.is((await stepwell("experiment-tracker", "register", "t", "--flavor=mlflow")).code, 0);
  t.is((await stepwell("stack", "register", "s", "-e", "t", "--set")).code, 0);
  const ran = await stepwell("run", "--", process.execPath, "-e", "0");
  t.is(ran.code, 0, ran.stderr);
  const checked = await stepwell("doctor");
  t.notRegex(checked.stderr, /STEPWELL_INTERNAL/);
  const stopped = await stepwell("daemon", "stop");
  t.is(stopped.code, 0, stopped.stderr);
  t.deepEqual(readdirSync(folder), ["home"]);
});

test("in a container: read-only but for the home, the daemon runs in the foreground, and SIGTERM ends it with all that it has", async (t) => {
  const command = await ensureBundle();
  const folder = await folderOf(t);
  // Its own mounts, all of them read-only but this folder; of devices and sockets only what it needs is asked for.
  const script = `set -e
mount --make-rprivate /
mount --bind '${folder}' '${folder}'
mount -o remount,bind,ro / && ! touch /etc/stepwell-test 2>/dev/null
exec setpriv --reuid=${UNNAMED} --regid=${UNNAMED} --clear-groups env -i STEPWELL_HOME='${folder}/home' \
  '${process.execPath}' '${command}' daemon run`;
  const child = spawn("unshare", ["--mount", "bash", "-c", script], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  t.teardown(() => child.exitCode === null && process.kill(-(child.pid ?? 0), "SIGKILL"));
  let said = "";
  child.stdout.on("data", (text) => (said += text));
  child.stderr.on("data", (text) => (said += text));
  const env = { STEPWELL_HOME: join(folder, "home") };
  const stepwell = (...args: string[]) => asUnnamed([command, ...args], folder, env);
  await until(
    "the daemon answers",
    () => stepwell("daemon", "status", "-o", "json"),
    ({ code }) => code === 0 || child.exitCode !== null,
  );
  t.is(child.exitCode, null, said);
  t.is((await stepwell("experiment-tracker", "register", "t", "--flavor=mlflow")).code, 0);
  t.is((await stepwell("stack", "register", "s", "-e", "t", "--set")).code, 0);
  t.is((await stepwell("run", "--", "stepwell", "log", "loss=1")).code, 0);
  child.kill("SIGTERM");
  const [code] = await once(child, "exit");
  t.is(code, 0, said);
  t.false(existsSync(join(folder, "home/endpoint.json")));
  t.is((await stepwell("daemon", "start")).code, 0);
  const left = JSON.parse((await stepwell("status", "-o", "json")).stdout) as Record<string, unknown>;
  t.like(left, { queued_points: 0, dead_letters: 0 }, "what it had was delivered before it ended");
  t.is((await stepwell("daemon", "stop")).code, 0);
});

test("without a folder for a home each command says so, and names STEPWELL_HOME; help needs none", async (t) => {
  const command = await ensureBundle();
  const folder = await folderOf(t);
  for (const words of ["status", "daemon start", "daemon stop", "doctor", "secret list", "run -- true"]) {
    const { code, stderr } = await asUnnamed([command, ...words.split(" ")], folder, {});
    t.is(code, 1, `${words}: ${stderr}`);
    t.regex(stderr, /^error: .*STEPWELL_HOME.*\n {2}Set STEPWELL_HOME to .*\n {2}STEPWELL_HOME_UNUSABLE\n$/);
  }
  // OpenShift gives such a user the root folder.
  for (const env of [{}, { HOME: "/" }]) {
    for (const args of [[command, "daemon", "start"], [DAEMON]]) {
      const { code, stderr } = await asUnnamed(args, folder, env);
      t.is(code, 1, `${args} ${stderr}`);
      t.regex(stderr, /^error: .*\n?.*Set STEPWELL_HOME to .*\s+\[?STEPWELL_HOME_UNUSABLE\]?\n$/);
    }
  }
  t.is((await asUnnamed([command, "--help"], folder, {})).code, 0);
  t.is((await asUnnamed([command, "stack", "lst"], folder, {})).code, 2, "a usage error is one");
  t.deepEqual(readdirSync(folder), [], "no folder is made in the working folder");
});

test("the TypeScript client says the same, and needs no home where an endpoint is given", async (t) => {
  const folder = await folderOf(t);
  const client = JSON.stringify(join(ROOT, "build/clients/typescript/src/index.js"));
  const make = (options: string) =>
    `import(${client}).then(({ StepwellClient }) => new StepwellClient(${options}).startRun().runId.length)
      .then(console.log, (error) => console.log(error.code, error.message)).then(() => process.exit(0))`;
  const none = await asUnnamed(["-e", make("")], folder, {});
  t.regex(none.stdout, /^STEPWELL_HOME_UNUSABLE .*STEPWELL_HOME/);
  const given = await asUnnamed(["-e", make('{ endpoint: "unix:/nowhere/s.sock" }')], folder, {});
  t.is(given.stdout.trim(), "32", given.stderr);
  t.deepEqual(readdirSync(folder), []);
});
