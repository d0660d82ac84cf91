/** What a program logged is there, whoever dies. */
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { SpoolFile } from "../../../src/spool/spool-file.js";
import { type ScratchHome, scratchHome } from "../../../test/support/home.js";
import { Spool } from "../src/spool.js";
import { runProgram } from "./support/child.js";
import { query, storedPoints, useLocalStore } from "./support/store.js";

interface Killed {
  readonly runId: string;
  readonly points: number;
}

function spoolsIn({ paths }: Pick<ScratchHome, "paths">): string[] {
  const folder = paths.clientSpoolsFolder;
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

async function killed(t: ExecutionContext, { paths }: ScratchHome, end: string): Promise<Killed> {
  const env = { STEPWELL_HOME: paths.home, STEPWELL_AUTOSTART: "0" };
  const { signal, stdout, stderr } = await runProgram("killed", env, [end]);
  t.deepEqual([signal, stderr], ["SIGKILL", ""]);
  return JSON.parse(stdout) as Killed;
}

async function holdsAll(
  t: ExecutionContext,
  home: ScratchHome,
  { runId, points }: Killed,
  status: string,
): Promise<void> {
  const { code, stderr } = await home.stepwell(["flush", "--timeout", "50"]);
  t.is(code, 0, stderr);
  const stored = storedPoints(home, runId, "k");
  t.deepEqual([stored.length, storedPoints(home, runId, "s").length], [points, 20_000]);
  t.true(stored.every(({ step, value }, i) => step === i && value === i / 7));
  const sql =
    "SELECT status, (SELECT value FROM tags WHERE key = 't' AND run_uuid = r.run_uuid) AS tag, (SELECT value FROM params WHERE run_uuid = r.run_uuid) AS param FROM runs r WHERE run_uuid = ?";
  t.deepEqual(query(home, sql, [runId]), [{ status, tag: "last", param: "1" }]);
  t.deepEqual(spoolsIn(home), []);
}

test("a program that is killed loses nothing of the turns that ended, with a daemon and without one", async (t) => {
  const home = await scratchHome(t);
  const before = await killed(t, home, "open");
  const ended = await killed(t, home, "FAILED");
  for (const path of [home.paths.clientSpoolsFolder, ...spoolsIn(home)])
    t.is(statSync(path).mode & 0o077, 0, path);
  await home.startDaemon();
  await useLocalStore(home);
  await holdsAll(t, home, before, "KILLED");
  await holdsAll(t, home, ended, "FAILED");
  await holdsAll(t, home, await killed(t, home, "open"), "KILLED");
});

test("a program that ends well leaves no spool, and one without a daemon says where its entries are", async (t) => {
  const home = await scratchHome(t);
  const env = { STEPWELL_HOME: home.paths.home, STEPWELL_AUTOSTART: "0", STEPWELL_EXIT_TIMEOUT: "0.2" };
  const alone = await runProgram("unended", env, ["return"]);
  t.regex(
    alone.stderr,
    /1000 entries were not acknowledged.* They are in the home's spool, for the daemon\./,
  );
  t.is(spoolsIn(home).length, 1);
  await home.startDaemon();
  await useLocalStore(home);
  t.is((await runProgram("unended", { STEPWELL_HOME: home.paths.home }, ["return"])).stderr, "");
  t.is((await home.stepwell(["flush", "--timeout", "50"])).code, 0);
  t.is(storedPoints(home, "c".repeat(32), "k").length, 2_000);
  t.deepEqual(spoolsIn(home), []);
});

test("a spool that takes no more still says what was sent", async (t) => {
  const { paths } = await scratchHome(t);
  const process = { bootId: "", pidNamespace: 0n, pid: 1, startTicks: 0n };
  const spool = Spool.open(paths.home, { producerId: new Uint8Array(16), process, clientVersion: "1" });
  if (!(spool instanceof Spool)) return t.fail(spool.sentence);
  const logged = { runId: "a".repeat(32), fields: [new Uint8Array(8)] };
  t.is(spool.append([{ ...logged, opening: 1 }], 0), undefined);
  // Stands for a full disk: it can't be written.
  t.is(spool.append([{ ...logged, opening: 2 ** 40 }], 0)?.code, "STEPWELL_SPOOL_UNAVAILABLE");
  t.false(spool.takesMore);
  t.is(spool.append([{ ...logged, opening: 1 }], 0), undefined);
  t.is(spool.mark(1, 7), undefined);
  const [path = ""] = spoolsIn({ paths });
  const file = await SpoolFile.open(path);
  const index = await file.index(() => true);
  await file.close();
  t.deepEqual(
    index?.parts.map(({ sequence, rows }) => ({ sequence, rows })),
    [{ sequence: 7, rows: 1 }],
  );
  spool.remove();
});

test("where no spool can be made one line says so, and all arrives while the program lives", async (t) => {
  const home = await scratchHome(t);
  mkdirSync(home.paths.home, { recursive: true });
  writeFileSync(home.paths.clientSpoolsFolder, "in its place");
  await home.startDaemon();
  await useLocalStore(home);
  const { stderr } = await runProgram("unended", { STEPWELL_HOME: home.paths.home }, ["return"]);
  t.is(stderr.match(/STEPWELL_SPOOL_UNAVAILABLE/g)?.length, 1);
  t.is((await home.stepwell(["flush", "--timeout", "50"])).code, 0);
  t.is(storedPoints(home, "c".repeat(32), "k").length, 1_000);
});
