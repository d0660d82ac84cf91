/** Commands and daemons of different versions. */
import { join } from "node:path";
import anyTest from "ava";
import { readEndpoint } from "../../src/home/endpoint.js";
import { isAlive } from "../../src/home/processes.js";
import { VERSION } from "../../src/model/version.js";
import { daemonOfVersion, scratchHome } from "../support/home.js";

// One after the other: each starts processes.
const test = anyTest.serial;

interface Info {
  readonly version: string;
}

test("a newer command replaces an older daemon; what it knew is still there", async (t) => {
  const home = await scratchHome(t);
  const older = await home.startDaemon({ entry: await daemonOfVersion("0.0.9") });
  t.is(older.endpoint.version, "0.0.9");
  const seen = (await home.json(["daemon", "status"])) as Info;
  t.is((await home.stepwell(["status"])).code, 0);
  t.is(seen.version, "0.0.9", "looking at it replaces nothing");
  t.is(readEndpoint(home.paths)?.pid, older.endpoint.pid);
  const results = await Promise.all(Array.from({ length: 5 }, () => home.stepwell(["stack", "list"])));
  t.deepEqual(
    results.map(({ code }) => code),
    [0, 0, 0, 0, 0],
  );
  const now = (await home.json(["daemon", "status"])) as Info & { home_id: string };
  t.is(now.version, VERSION);
  t.is(now.home_id, older.endpoint.homeId);
  t.false(isAlive(older.endpoint.pid));
});

test("where nothing may be started, an older daemon of one minor version back is used as it is", async (t) => {
  const home = await scratchHome(t);
  const older = await home.startDaemon({ entry: await daemonOfVersion("0.0.9") });
  t.is((await home.stepwell(["status"], { STEPWELL_AUTOSTART: "0" })).code, 0);
  const elsewhere = {
    STEPWELL_HOME: join(home.paths.home, "none"),
    STEPWELL_ENDPOINT: older.endpoint.endpoint,
  };
  t.is((await home.stepwell(["status"], elsewhere)).code, 0);
  t.is(readEndpoint(home.paths)?.pid, older.endpoint.pid);
});

test("a daemon that is newer by one minor version is used; by two, the command exits with 7", async (t) => {
  const near = await scratchHome(t);
  const newer = await near.startDaemon({ entry: await daemonOfVersion("0.2.3") });
  t.is((await near.stepwell(["status"])).code, 0);
  t.is(readEndpoint(near.paths)?.pid, newer.endpoint.pid);
  const far = await scratchHome(t);
  await far.startDaemon({ entry: await daemonOfVersion("0.3.0") });
  const refused = await far.stepwell(["status"]);
  t.is(refused.code, 7);
  t.regex(
    refused.stderr,
    /^error: .*0\.1\.0.*0\.3\.0.*\n {2}.*daemon restart.*\n {2}STEPWELL_VERSION_MISMATCH\n$/,
  );
  t.is((await far.stepwell(["daemon", "restart"])).code, 0, "by hand it is replaced");
  t.is(readEndpoint(far.paths)?.version, VERSION);
});
