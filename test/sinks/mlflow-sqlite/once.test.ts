import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import test from "ava";
import { change, cursorIn, query } from "./database.js";
import { AUTHOR, HOME_ID, pack, RUN_ID, sinkFor, sinkOn, trainingPoints } from "./packs.js";

test("a sink tells after a restart where its runs stand", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  await sink.send([pack(1, trainingPoints(0, 3), { lastSeq: 4, pointsThrough: 60 })]);
  await sink.close();
  const after = sinkOn(t, databasePath);
  const cursor = { seq: 4, points: 60, bytes: 0, incarnation: AUTHOR.incarnation };
  t.deepEqual(await after.send([pack(3)]), [{ kind: "elsewhere", homeId: HOME_ID, cursor }]);
  t.like((await after.send([pack(5, [], { after: { ...AUTHOR, seq: 4 } })]))[0], { kind: "delivered" });
});

test("a pack that is in the database already is not written again", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  await sink.send([pack(1, [["loss", 1n, 1n, 1]], { lastSeq: 5, pointsThrough: 1 })]);
  const elsewhere = { kind: "elsewhere", homeId: HOME_ID, cursor: { seq: 5 } };
  const before = { after: { ...AUTHOR, seq: 4 } };
  t.like((await sink.send([pack(5, [["loss", 9n, 9n, 9]], before)]))[0], elsewhere);
  t.like((await sinkOn(t, databasePath).send([pack(1, [["loss", 9n, 9n, 9]])]))[0], elsewhere);
  t.deepEqual(query(databasePath, "SELECT count(*) FROM metrics"), [["1"]]);
});

test("a pack with a refused entry comes again after a crash until that is parked, and doubles nothing", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  await sink.send([pack(1, [], { params: [{ key: "lr", value: "1" }] })]);
  const changed = () =>
    pack(2, [["loss", 1n, 1n, 1]], {
      params: [{ key: "lr", value: "2" }],
      tags: [{ key: "t", value: "v" }],
      after: { ...AUTHOR, seq: 1 },
    });
  const refused = { kind: "delivered", refused: [{ kind: "param", key: "lr", value: "2" }] };
  t.like((await sink.send([changed()]))[0], refused);
  await sink.close();
  const after = sinkOn(t, databasePath);
  t.like((await after.send([changed()]))[0], refused);
  t.like((await after.send([pack(3, [["loss", 2n, 2n, 2]])]))[0], { kind: "delivered", refused: [] });
  t.like((await after.send([changed()]))[0], { kind: "elsewhere", cursor: { seq: 3 } });
  t.deepEqual(query(databasePath, "SELECT count(*) FROM metrics"), [["2"]]);
  t.deepEqual(query(databasePath, "SELECT value FROM params"), [["1"]]);
});

test("two homes that write to one database have cursors of their own", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  await sink.send([pack(7)]);
  const author = { ...AUTHOR, homeId: "b".repeat(32) };
  t.like((await sink.send([pack(1, [["loss", 1n, 1n, 1]], { author })]))[0], { kind: "delivered" });
  t.is(cursorIn(databasePath, RUN_ID, HOME_ID)?.seq, 7);
  t.is(cursorIn(databasePath, RUN_ID, "b".repeat(32))?.seq, 1);
});

const MODULE = new URL("../../../src/sinks/mlflow-sqlite/sqlite-sink.js", import.meta.url).href;
const PACKS = new URL("./packs.js", import.meta.url).href;

/** A process that sends pack after pack from the run's cursor on, and says so before each. */
function startSender(databasePath: string): ChildProcess {
  const script = `
    const { openSqliteSink } = await import(${JSON.stringify(MODULE)});
    const { AUTHOR, pack, RUN_ID, trainingPoints } = await import(${JSON.stringify(PACKS)});
    const options = { databasePath: ${JSON.stringify(databasePath)}, artifactRoot: "/a" };
    const sink = openSqliteSink({ ...options, clock: { nowMs: () => 0, monotonicMs: () => 0 } });
    const [found] = await sink.send([pack(0)]);
    for (let next = found.cursor.seq + 1; ; next++) {
      console.log(next);
      const rest = { pointsThrough: next * 2000, after: { ...AUTHOR, seq: next - 1 } };
      const [outcome] = await sink.send([pack(next, trainingPoints(next * 100, 100), rest)]);
      if (outcome.kind !== "delivered") throw new Error(JSON.stringify(outcome));
    }`;
  return spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

test("a process that is killed again and again while it sends loses and doubles nothing", async (t) => {
  t.timeout(240_000);
  const { sink, databasePath } = await sinkFor(t);
  await sink.send([pack(0)]);
  let announced = 0;
  for (let kill = 0; kill < 6; kill++) {
    const sender = startSender(databasePath);
    if (!sender.stdout) return t.fail();
    let lines = 0;
    for await (const line of createInterface({ input: sender.stdout })) {
      announced = Number(line);
      // Killed at another moment of a transaction each time.
      if (++lines === 3 + kill) setTimeout(() => sender.kill("SIGKILL"), kill * 7);
    }
    if (sender.exitCode === null && sender.signalCode === null) await once(sender, "exit");
    const { seq = 0, points = 0 } = cursorIn(databasePath, RUN_ID, HOME_ID) ?? {};
    t.true(seq === announced || seq === announced - 1, `the cursor is at ${seq} of ${announced}`);
    t.deepEqual(query(databasePath, "SELECT count(*), min(step), max(step) FROM metrics"), [
      [String(points), "100", String(seq * 100 + 99)],
    ]);
    t.is(points, seq * 2_000);
  }
  t.true(announced > 6);
});

test("a write of somebody else between two packs stays", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  await sink.send([pack(1, [["loss", 1n, 1n, 1]])]);
  change(databasePath, `INSERT INTO metrics VALUES ('theirs', 1.5, 1, '${RUN_ID}', 1, 0)`);
  await sink.send([pack(2, [["loss", 2n, 2n, 2]])]);
  t.deepEqual(query(databasePath, "SELECT key FROM metrics ORDER BY rowid"), [
    ["loss"],
    ["theirs"],
    ["loss"],
  ]);
});
