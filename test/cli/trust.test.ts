/** What the command looks at before it says anything: who can write into the home, and whose socket it is. */
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { type ScratchHome, scratchHome } from "../support/home.js";

const STRANGER = 12_345;
const VALUE = "hunter2-hunter2";

/** A socket whose owner keeps what it is sent. */
async function listenerAt(t: ExecutionContext, path: string): Promise<Buffer[]> {
  const heard: Buffer[] = [];
  const server = createServer((socket) => {
    heard.push(Buffer.from("connected"));
    socket.on("data", (bytes) => heard.push(bytes)).on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.teardown(() => server.close());
  return heard;
}

/** A home whose endpoint file leads to a socket. */
function leadTo(home: ScratchHome, path: string): void {
  mkdirSync(home.paths.home, { recursive: true, mode: 0o700 });
  const facts = { pid: process.pid, version: "0.1.0", home: home.paths.home, home_id: "a".repeat(32) };
  const endpoint = { format: 1, endpoint: `unix:${path}`, started_ms: Date.now(), ...facts };
  writeFileSync(home.paths.endpointFile, JSON.stringify(endpoint));
}

test("a secret's value goes to no socket of another user, however the command finds it", async (t) => {
  if (process.getuid?.() !== 0) {
    t.log("SKIPPED: only root can give a socket to another user");
    t.pass();
    return;
  }
  const home = await scratchHome(t);
  const path = join(dirname(home.paths.home), "s.sock");
  const heard = await listenerAt(t, path);
  chownSync(path, STRANGER, STRANGER);
  leadTo(home, path);
  for (const env of [{}, { STEPWELL_ENDPOINT: `unix:${path}` }, { STEPWELL_ENDPOINT: `unix://${path}` }]) {
    const { code, stderr } = await home.stepwell(["secret", "create", "s", `--token=${VALUE}`], env);
    t.is(code, 1, stderr);
    t.regex(stderr, /belongs to another user \(id 12345\)\.\n.*\n {2}STEPWELL_ENDPOINT_FOREIGN\n$/);
  }
  t.deepEqual(heard, [], "nobody even connected");
});

test("a home that others can write into is believed by no command, and the remedy can be pasted", async (t) => {
  const home = await scratchHome(t, "ho me's");
  const path = join(dirname(home.paths.home), "s.sock");
  const heard = await listenerAt(t, path);
  leadTo(home, path);
  chmodSync(home.paths.home, 0o777);
  const { code, stderr } = await home.stepwell(["secret", "create", "s", `--token=${VALUE}`]);
  t.is(code, 1, stderr);
  t.regex(stderr, /STEPWELL_HOME_OPEN\n$/);
  t.deepEqual(heard, []);
  const [, command = ""] = /Close it: (chmod 700 .*?)\. /.exec(stderr) ?? [];
  const { execFileSync } = await import("node:child_process");
  execFileSync("sh", ["-c", command]);
  chmodSync(path, 0o600);
  t.not((await home.stepwell(["status"], { STEPWELL_AUTOSTART: "0" })).stderr.includes("HOME_OPEN"), true);
});

test("a socket in a folder that others can write into is not spoken to", async (t) => {
  const home = await scratchHome(t);
  const folder = join(dirname(home.paths.home), "open");
  mkdirSync(folder);
  const path = join(folder, "s.sock");
  const heard = await listenerAt(t, path);
  leadTo(home, path);
  chmodSync(folder, 0o777);
  const { code, stderr } = await home.stepwell(["secret", "create", "s", `--token=${VALUE}`]);
  t.is(code, 1, stderr);
  t.regex(stderr, /Other users can replace the socket .*STEPWELL_ENDPOINT_FOREIGN\n$/s);
  t.deepEqual(heard, []);
});

test("the doctor says what is wrong with the home where the daemon is not spoken to", async (t) => {
  const home = await scratchHome(t);
  const path = join(dirname(home.paths.home), "s.sock");
  await listenerAt(t, path);
  leadTo(home, path);
  chmodSync(home.paths.home, 0o777);
  const { code, stdout } = await home.stepwell(["doctor", "-o", "json"]);
  t.is(code, 1);
  const checks = JSON.parse(stdout) as { check: string; result: string; finding: string }[];
  const daemon = checks.find(({ check }) => check === "daemon");
  t.is(daemon?.result, "failed");
  t.regex(daemon?.finding ?? "", /^STEPWELL_HOME_OPEN: /);
});

test("a daemon of another home's id is not the home's own", async (t) => {
  const home = await scratchHome(t);
  const daemon = await home.startDaemon();
  const kept = readFileSync(home.paths.homeIdFile, "utf8");
  writeFileSync(home.paths.homeIdFile, `${"b".repeat(32)}\n`);
  const alone = { STEPWELL_AUTOSTART: "0" };
  t.is((await home.stepwell(["status"], alone)).code, 3);
  writeFileSync(home.paths.homeIdFile, kept);
  t.is((await home.stepwell(["status"], alone)).code, 0);
  t.true(existsSync(`/proc/${daemon.child.pid}`) || process.platform !== "linux");
});
