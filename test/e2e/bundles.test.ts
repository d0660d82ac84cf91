/** Two homes, and files carried between them by hand. */
import { existsSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { ExecutionContext } from "ava";
import test from "ava";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { query } from "../sinks/mlflow-sqlite/database.js";
import { scratchFolder } from "../support/folder.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { homeWithStore, logSteps, steps, stepsIn } from "../support/outside-store.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";

interface Shown {
  readonly file: string;
  readonly bundle: number;
  readonly runs: number;
  readonly points: number;
  readonly points_before: number;
  readonly receipt: string;
}

/** A home whose only tracker can't be reached. */
async function nodeWithoutRoute(t: ExecutionContext): Promise<{ home: ScratchHome; daemon: string }> {
  const home = await scratchHome(t);
  const daemon = await home.startDaemonOrFind();
  await home.json([
    ...["experiment-tracker", "register", "away", "--flavor=mlflow"],
    ...["--tracking_uri=http://127.0.0.1:9", "--auth=none"],
  ]);
  await home.json(["stack", "register", "away", "-e", "away", "--set"]);
  return { home, daemon };
}

async function carriage(t: ExecutionContext) {
  const { home: node, daemon } = await nodeWithoutRoute(t);
  const { home: login, store } = await homeWithStore(t);
  const folder = await scratchFolder(t);
  const give = async (name: string, ...more: string[]) =>
    (await node.json(["bundle", "export", `${folder}/${name}`, ...more])) as Shown;
  const take = async (name: string, ...more: string[]) =>
    (await login.json(["bundle", "import", `${folder}/${name}`, "--to", "out", ...more])) as Shown;
  const refuse = async (home: ScratchHome, words: readonly string[]) => {
    const { code, stderr } = await home.here(words);
    t.not(code, 0);
    return stderr;
  };
  const importFault = (name: string, ...more: string[]) =>
    refuse(login, ["bundle", "import", `${folder}/${name}`, "--to", "out", ...more]);
  const confirmFault = (home: ScratchHome, name: string) =>
    refuse(home, ["bundle", "confirm", `${folder}/${name}`]);
  const confirm = async (name: string) =>
    (await node.json(["bundle", "confirm", `${folder}/${name}.receipt`])) as Shown;
  return { node, daemon, login, store, folder, give, take, confirm, importFault, confirmFault };
}

test("a run that is carried by hand is whole at the other side, once, and leaves the journal by its receipt", async (t) => {
  const { node, daemon, store, folder, give, take, confirm } = await carriage(t);
  const producer = new RawProducer(daemon);
  const runId = newRunId();
  producer.hello();
  producer.batch(1, runId, { runStart: startOf(), params: [{ key: "lr", value: "0.1" }] });
  for (let sequence = 2; sequence <= 11; sequence++)
    producer.batch(sequence, runId, {
      metrics: pointsOf(`m${sequence}`, 3333),
      tags: [{ key: "at", value: `${sequence}` }],
    });
  producer.batch(12, runId, { runEnd: { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 77n } });
  await producer.acknowledged(12);
  const given = await give("one");
  t.like(given, { bundle: 1, runs: 1, points: 33_330 });
  t.is(statSync(given.file).mode & 0o777, 0o600);
  t.like(await take("one"), { bundle: 1, runs: 1, points: 33_330, points_before: 0, refused: 0 });
  const looks = () =>
    [
      "SELECT CAST(count(*) AS TEXT) FROM metrics WHERE run_uuid = ?",
      "SELECT status || ' ' || end_time FROM runs WHERE run_uuid = ?",
      "SELECT key || ' ' || value FROM params WHERE run_uuid = ?",
      "SELECT value FROM tags WHERE key = 'at' AND run_uuid = ?",
    ].map((sql) => query(store, sql, runId)[0]?.[0]);
  const whole = ["33330", "FINISHED 77", "lr 0.1", "11"];
  t.deepEqual(looks(), whole);
  t.like(await take("one"), { points: 0, points_before: 33_330 });
  t.deepEqual(looks(), whole);
  t.is((await node.here(["flush", "--timeout=1"])).code, 4);
  t.like(await confirm("one"), { bundle: 1, runs: 1, points: 33_330, runs_before: 0 });
  const flushed = await node.here(["flush"]);
  t.is(flushed.code, 0, flushed.stderr);
  t.like(await confirm("one"), { runs: 0, points: 0, runs_before: 1 });
  t.false(existsSync(`${folder}/two`));
  t.like(await give("two"), { runs: 0, file: "" });
  t.false(existsSync(`${folder}/two`));
});

test("bundles that follow each other need each other; early ones write nothing, late ones harm nothing", async (t) => {
  const { node, daemon, store, give, take, confirm, importFault } = await carriage(t);
  const runId = newRunId();
  await logSteps(daemon, runId, 1, 100);
  t.like(await give("a"), { bundle: 1, points: 100 });
  await logSteps(daemon, runId, 101, 50, true);
  t.like(await give("b"), { bundle: 2, points: 50 });
  await logSteps(daemon, runId, 151, 25, true);
  t.like(await give("c"), { bundle: 3, points: 25 });
  t.like(await give("all", "--again"), { bundle: 4, points: 175 });
  t.regex(await importFault("b"), /bundle 1 of.*STEPWELL_BUNDLE_GAP/s);
  t.false(existsSync(store));
  await take("a");
  t.regex(await importFault("c"), /bundle 2 of.*STEPWELL_BUNDLE_GAP/s);
  t.deepEqual(stepsIn(store, runId), steps([1, 100]));
  // It begins earlier than the store is, and goes on from there.
  t.like(await take("all"), { points: 75, points_before: 100 });
  t.deepEqual(stepsIn(store, runId), steps([1, 175]));
  for (const late of ["c", "a", "b", "all"]) t.like(await take(late), { points: 0 });
  t.deepEqual(stepsIn(store, runId), steps([1, 175]));
  // The receipts say all the same: the run is there through the last position.
  t.like(await confirm("b"), { points: 175 });
  t.like(await confirm("all"), { points: 0, runs_before: 1 });
  await logSteps(daemon, runId, 176, 5, true);
  t.like(await give("d"), { points: 5 });
  t.like(await take("d"), { points: 5 });
  t.deepEqual(stepsIn(store, runId), steps([1, 180]));
  t.is((await node.here(["daemon", "stop", "--timeout=0"])).code, 0);
});

test("what was carried by hand is not sent again when the home finds a route, with or without a restart", async (t) => {
  for (const restarts of [false, true]) {
    const { home: login, store } = await homeWithStore(t);
    const node = await scratchHome(t);
    const folder = await scratchFolder(t);
    const daemon = await node.startDaemonOrFind();
    // The way to the store is a file's at first.
    writeFileSync(`${folder}/way`, "");
    const uri = `--tracking_uri=sqlite:///${folder}/way/mlflow.db`;
    await node.json(["experiment-tracker", "register", "far", "--flavor=mlflow", uri]);
    await node.json(["stack", "register", "far", "-e", "far", "--set"]);
    const runId = newRunId();
    await logSteps(daemon, runId, 1, 60);
    await node.json(["bundle", "export", `${folder}/bundle`]);
    await login.json(["bundle", "import", `${folder}/bundle`, "--to", "out"]);
    t.deepEqual(stepsIn(store, runId), steps([1, 60]));
    if (restarts) t.is((await node.here(["daemon", "restart", "--timeout=0"])).code, 0);
    await logSteps(await node.startDaemonOrFind(), runId, 61, 40, true);
    rmSync(`${folder}/way`);
    symlinkSync(dirname(store), `${folder}/way`);
    const flushed = await node.here(["flush"]);
    t.is(flushed.code, 0, flushed.stderr);
    t.deepEqual(stepsIn(store, runId), steps([1, 100]));
    const { notices } = (await node.json(["status"])) as { readonly notices: readonly string[] };
    t.deepEqual(notices, []);
    // By now the receipt says what is known.
    t.like(await node.json(["bundle", "confirm", `${folder}/bundle.receipt`]), { runs: 0, runs_before: 1 });
  }
});

test("a file that is cut, changed in one bit, another's or newer is one clear error, and nothing is written", async (t) => {
  const { daemon, folder, store, give, importFault } = await carriage(t);
  await logSteps(daemon, newRunId(), 1, 500);
  await give("whole");
  const bytes = readFileSync(`${folder}/whole`);
  const write = (name: string, content: Buffer) => writeFileSync(`${folder}/${name}`, content);
  write("cut", bytes.subarray(0, bytes.length - 9));
  t.regex(await importFault("cut"), /cut off.*STEPWELL_BUNDLE_DAMAGED/s);
  write("short", bytes.subarray(0, 10));
  t.regex(await importFault("short"), /STEPWELL_BUNDLE_DAMAGED/);
  write("empty", Buffer.alloc(0));
  t.regex(await importFault("empty"), /STEPWELL_BUNDLE_DAMAGED/);
  const flipped = Buffer.from(bytes);
  const middle = Math.floor(bytes.length / 2);
  flipped.writeUInt8(flipped.readUInt8(middle) ^ 0x10, middle);
  write("flipped", flipped);
  t.regex(await importFault("flipped"), /STEPWELL_BUNDLE_DAMAGED/);
  write(
    "newer",
    Buffer.concat([Buffer.from("stepwell-bundle 2 gzip\n"), bytes.subarray(bytes.indexOf(10) + 1)]),
  );
  t.regex(await importFault("newer"), /STEPWELL_BUNDLE_NEWER/);
  t.regex(await importFault("none"), /STEPWELL_BUNDLE_FILE/);
  t.false(existsSync(store));
});

test("a receipt of another home, one that says more than was given away, and one that was changed move nothing", async (t) => {
  const { node, daemon, folder, login, give, take, confirmFault } = await carriage(t);
  const runId = newRunId();
  await logSteps(daemon, runId, 1, 10);
  await give("one");
  await take("one");
  const receipt = readFileSync(`${folder}/one.receipt`, "utf8");
  t.regex(await confirmFault(login, "one.receipt"), /of the home.*STEPWELL_RECEIPT_REFUSED/s);
  writeFileSync(`${folder}/changed`, receipt.replace('"points":10', '"points":11'));
  t.regex(await confirmFault(node, "changed"), /checksum.*STEPWELL_RECEIPT_REFUSED/s);
  writeFileSync(`${folder}/none`, "{}");
  t.regex(await confirmFault(node, "none"), /STEPWELL_RECEIPT_REFUSED/);
  t.is((await node.here(["flush", "--timeout=1"])).code, 4);
});

test("an encrypted bundle opens with its identity alone", async (t) => {
  const { daemon, folder, store, give, take, importFault } = await carriage(t);
  const { generateX25519Identity, identityToRecipient } = await import("age-encryption");
  const [identity, other] = [await generateX25519Identity(), await generateX25519Identity()];
  const runId = newRunId();
  await logSteps(daemon, runId, 1, 300);
  await give("sealed", "--recipient", await identityToRecipient(identity));
  t.false(readFileSync(`${folder}/sealed`).includes(runId));
  t.regex(await importFault("sealed"), /STEPWELL_BUNDLE_SEALED/);
  writeFileSync(`${folder}/other`, `${other}\n`);
  t.regex(await importFault("sealed", "--identity", `${folder}/other`), /STEPWELL_BUNDLE_SEALED/);
  writeFileSync(`${folder}/right`, `# created: today\n${identity}\n`);
  t.like(await take("sealed", "--identity", `${folder}/right`), { points: 300 });
  t.deepEqual(stepsIn(store, runId), steps([1, 300]));
});
