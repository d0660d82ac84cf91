/** Whom the client speaks to, and whom it does not: another home's daemon, another user's socket. */
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { dirname, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { scratchFolder } from "../../../test/support/folder.js";
import { ROOT, scratchHome } from "../../../test/support/home.js";
import { StepwellClient } from "../src/index.js";
import { DaemonFinder } from "../src/sender/daemon-finder.js";
import { completeOptions } from "../src/settings.js";
import { RecordingServer } from "./support/recording-server.js";

const COMMAND = `"${process.execPath}" "${join(ROOT, "build/stepwell.js")}"`;
const NO_DAEMON = `"${process.execPath}" -e "process.exit(3)"`;
const STRANGER = 12_345;

/** A home whose endpoint file leads to a server. */
function homeWith(folder: string, { endpoint }: RecordingServer, homeId: string, home = folder): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "endpoint.json"), JSON.stringify({ format: 1, endpoint, home }));
  writeFileSync(join(folder, "home-id"), `${homeId}\n`);
}

/** Logs a point that can't be delivered, and waits until the client says why. */
async function isRefused(t: ExecutionContext, client: StepwellClient, why: RegExp): Promise<void> {
  client.startRun().logMetric("k", 1);
  let said = "";
  const deadlineMs = performance.now() + 60_000;
  while (!why.test(said) && performance.now() < deadlineMs)
    said = String(await client.flush({ timeoutMs: 200 }).then(() => "it was delivered", String));
  t.regex(said, why);
  await t.throwsAsync(client.close({ timeoutMs: 1 }));
}

test("a client in a copy of a running home never speaks to the other's daemon", async (t) => {
  const home = await scratchHome(t);
  await home.json(["daemon", "start"]);
  const copy = await scratchHome(t);
  await cp(home.paths.home, copy.paths.home, { recursive: true, filter: (path) => !path.endsWith(".sock") });
  const command = `env DBUS_SESSION_BUS_ADDRESS=unix:path=/none ${COMMAND}`;
  const client = new StepwellClient({ home: copy.paths.home, command });
  client.startRun().logMetric("k", 1);
  await client.flush({ timeoutMs: 120_000 });
  await client.close();
  const journaled = async (of: typeof home) =>
    ((await of.json(["status"])) as { journaled_points: number }).journaled_points;
  t.is(await journaled(home), 0);
  t.is(await journaled(copy), 1);
});

test("an endpoint file that names another folder is not believed, and nothing is sent", async (t) => {
  const server = await RecordingServer.start();
  t.teardown(() => server.stop());
  const folder = join(await scratchFolder(t), "home");
  homeWith(folder, server, server.homeId, join(folder, "..", "other"));
  const client = new StepwellClient({ home: folder, autostart: false });
  await isRefused(t, client, /There is no daemon in/);
  t.deepEqual(server.hellos, []);
});

test("a daemon that has another home's id gets no entry", async (t) => {
  const server = await RecordingServer.start();
  t.teardown(() => server.stop());
  const folder = join(await scratchFolder(t), "home");
  homeWith(folder, server, "c".repeat(32));
  const client = new StepwellClient({ home: folder, command: NO_DAEMON });
  client.startRun().logMetric("k", 1);
  const deadlineMs = performance.now() + 60_000;
  while (server.hellos.length < 2 && performance.now() < deadlineMs)
    await t.throwsAsync(client.flush({ timeoutMs: 200 }));
  t.true(server.hellos.length > 1, "it was asked who it is, again and again");
  t.deepEqual(server.batches, []);
  writeFileSync(join(folder, "home-id"), `${server.homeId}\n`);
  await client.flush({ timeoutMs: 60_000 });
  await client.close();
  t.is(server.points("k").length, 1);
});

test("a home that others can write into is not believed: nothing is said to whoever listens", async (t) => {
  const server = await RecordingServer.start();
  t.teardown(() => server.stop());
  const folder = join(await scratchFolder(t), "home");
  homeWith(folder, server, server.homeId);
  for (const mode of [0o777, 0o770, 0o720]) {
    chmodSync(folder, mode);
    const client = new StepwellClient({ home: folder, autostart: false });
    await isRefused(t, client, /STEPWELL_HOME_OPEN: Other users/);
  }
  t.deepEqual(server.hellos, []);
  chmodSync(folder, 0o755);
  const client = new StepwellClient({ home: folder, autostart: false });
  client.startRun().logMetric("k", 1);
  await client.close({ timeoutMs: 60_000 });
  t.is(server.points("k").length, 1, "that others may look is no danger to the client");
});

test("a socket of another user, or in a folder that others can write into, hears nothing", async (t) => {
  const server = await RecordingServer.start();
  t.teardown(() => server.stop());
  const socket = server.endpoint.slice("unix:".length);
  const hearsNothing = async (why: RegExp) => {
    const client = new StepwellClient({ endpoint: server.endpoint });
    await isRefused(t, client, why);
    t.deepEqual(server.hellos, []);
  };
  chmodSync(dirname(socket), 0o777);
  await hearsNothing(/STEPWELL_ENDPOINT_FOREIGN: Other users can replace/);
  chmodSync(dirname(socket), 0o700);
  if (process.getuid?.() !== 0) {
    t.log("SKIPPED: only root can give a socket to another user");
    return;
  }
  chownSync(socket, STRANGER, STRANGER);
  await hearsNothing(/STEPWELL_ENDPOINT_FOREIGN: The socket .* belongs to another user/);
});

test.serial(
  "a start that failed is tried again after its pause, wherever the wall clock was set to",
  async (t) => {
    const folder = await scratchFolder(t);
    const mark = join(folder, "starts");
    const command = `sh -c "echo >> ${mark}; exit 3"`;
    const finder = new DaemonFinder(completeOptions({ home: folder, command }, {}));
    const wallClock = Date.now;
    t.teardown(() => {
      Date.now = wallClock;
    });
    const starts = () => readFileSync(mark, "utf8").length;
    await finder.find(false);
    t.is(starts(), 1);
    Date.now = () => wallClock() - 86_400_000;
    const deadlineMs = performance.now() + 60_000;
    while (starts() < 2 && performance.now() < deadlineMs) await finder.find(false);
    t.is(starts(), 2);
  },
);
