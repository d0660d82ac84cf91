import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "ava";
import { inspectDatabase } from "../../../src/sinks/mlflow-sqlite/inspect.js";
import { change, holdLock, query } from "./database.js";
import { type Point, pack, sinkFor, sinkOn } from "./packs.js";

const POINT: Point = ["loss", 1n, 1n, 1];

/** Databases that are not, or not any more, what this version understands. */
const strange: readonly { what: string; sql: string; reason: RegExp }[] = [
  {
    what: "another program's database",
    sql: "DROP TABLE metrics; DROP TABLE runs; CREATE TABLE films (title)",
    reason: /has no table runs/,
  },
  {
    what: "a required column that this version doesn't know",
    sql: 'ALTER TABLE metrics ADD COLUMN shard INTEGER NOT NULL DEFAULT 0; DROP TABLE params; CREATE TABLE params ("key", value, run_uuid, owner NOT NULL, PRIMARY KEY ("key", run_uuid))',
    reason: /params requires the column owner/,
  },
  {
    what: "a column that is gone",
    sql: "ALTER TABLE latest_metrics RENAME COLUMN is_nan TO nan",
    reason: /latest_metrics has no column is_nan/,
  },
  {
    what: "another primary key",
    sql: 'DROP TABLE tags; CREATE TABLE tags ("key", value, run_uuid, PRIMARY KEY (run_uuid))',
    reason: /tags has another primary key/,
  },
  {
    what: "a view in a table's place",
    sql: "ALTER TABLE metrics RENAME TO old; CREATE VIEW metrics AS SELECT * FROM old",
    reason: /no table metrics/,
  },
  {
    what: "an old MLflow's runs, which can't be KILLED",
    sql: "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, ', ''KILLED''', '') WHERE name = 'runs'; PRAGMA schema_version = 1000",
    reason: /mlflow db upgrade/,
  },
];

for (const { what, sql, reason } of strange) {
  test(`a database is held and left as it is: ${what}`, async (t) => {
    const { sink, databasePath } = await sinkFor(t);
    await sink.send([pack(1)]);
    change(databasePath, sql);
    const before = readFileSync(databasePath);
    const [outcome] = await sink.send([pack(2, [POINT])]);
    t.like(outcome, { kind: "hold", code: "STEPWELL_DATABASE_NOT_UNDERSTOOD" });
    t.regex(outcome?.kind === "hold" ? outcome.reason : "", reason);
    t.true(before.equals(readFileSync(databasePath)));
    // The same for a sink that never saw the database before.
    t.like((await sinkOn(t, databasePath).send([pack(2, [POINT])]))[0], { kind: "hold" });
    t.true(before.equals(readFileSync(databasePath)));
  });
}

test("columns and tables that mean nothing to a writer change nothing", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  await sink.send([pack(1)]);
  change(
    databasePath,
    "ALTER TABLE runs ADD COLUMN note TEXT; ALTER TABLE metrics ADD COLUMN shard INTEGER NOT NULL DEFAULT 0; CREATE TABLE theirs (a)",
  );
  t.like((await sink.send([pack(2, [POINT])]))[0], { kind: "delivered" });
});

test("a file that is no database is held and left as it is", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  mkdirSync(dirname(databasePath), { recursive: true });
  writeFileSync(databasePath, "a diary, not a database\n".repeat(100));
  const digest = () => createHash("sha256").update(readFileSync(databasePath)).digest("hex");
  const before = digest();
  t.like((await sink.send([pack(1, [POINT])]))[0], {
    kind: "hold",
    code: "STEPWELL_DATABASE_NOT_UNDERSTOOD",
  });
  t.is(digest(), before);
});

const odd: readonly { what: string; reason: RegExp; put: (path: string) => void }[] = [
  { what: "a pipe", reason: /is a pipe/, put: (path) => void execFileSync("mkfifo", [path]) },
  { what: "a link to a device", reason: /is a device/, put: (path) => symlinkSync("/dev/tty", path) },
  { what: "a folder", reason: /is a folder/, put: (path) => mkdirSync(path) },
];
const onPosix = process.platform === "win32" ? test.skip : test;

for (const { what, reason, put } of odd) {
  onPosix(
    `${what} in the place of a database, or of SQLite's own files, is held, and costs nothing once gone`,
    async (t) => {
      const { sink, databasePath } = await sinkFor(t);
      await sink.send([pack(1)]);
      const fresh = sinkOn(t, databasePath);
      const places = [databasePath, `${databasePath}-journal`, `${databasePath}-wal`];
      for (const place of places) {
        const aside = `${databasePath}.aside`;
        if (place === databasePath) renameSync(place, aside);
        put(place);
        // Of one that has the database open, and of one that opens it.
        for (const each of [sink, fresh]) {
          const [outcome] = await each.send([pack(2, [POINT])]);
          t.like(outcome, { kind: "hold", code: "STEPWELL_DATABASE_NOT_UNDERSTOOD" }, place);
          t.regex(outcome?.kind === "hold" ? outcome.reason : "", reason);
        }
        t.throws(() => inspectDatabase(databasePath), { code: "STEPWELL_DATABASE_NOT_UNDERSTOOD" });
        rmSync(place, { recursive: true });
        if (place === databasePath) renameSync(aside, place);
      }
      t.like((await sink.send([pack(2, [POINT])]))[0], { kind: "delivered" });
    },
  );
}

test("a migration that is under way is waited for, not held", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  await sink.send([pack(1)]);
  change(databasePath, "ALTER TABLE params RENAME TO _alembic_tmp_params");
  t.like((await sink.send([pack(2, [POINT])]))[0], { kind: "retry", code: "STEPWELL_DATABASE_LOCKED" });
  change(databasePath, "ALTER TABLE _alembic_tmp_params RENAME TO params");
  t.like((await sink.send([pack(2, [POINT])]))[0], { kind: "delivered" });
});

test("a lock that somebody holds is answered with a retry in little time, and costs no other database anything", async (t) => {
  const [locked, free] = [await sinkFor(t), await sinkFor(t)];
  await locked.sink.send([pack(1)]);
  const unlock = holdLock(locked.databasePath);
  const began = performance.now();
  const waiting = locked.sink.send([pack(2, [POINT])]);
  t.like((await free.sink.send([pack(1, [POINT])]))[0], { kind: "delivered" });
  const freeMs = performance.now() - began;
  t.like((await waiting)[0], { kind: "retry", code: "STEPWELL_DATABASE_LOCKED" });
  const lockedMs = performance.now() - began;
  t.true(lockedMs < 60_000, `${lockedMs} ms`);
  t.log(`the free database took ${freeMs.toFixed(0)} ms, the locked one ${lockedMs.toFixed(0)} ms`);
  unlock();
  t.like((await locked.sink.send([pack(2, [POINT])]))[0], { kind: "delivered" });
  t.deepEqual(query(locked.databasePath, "SELECT count(*) FROM metrics"), [["1"]]);
});

test("a database that can't be opened is tried again, and taken up when it can", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  const folder = dirname(databasePath);
  writeFileSync(folder, "in the way");
  t.like((await sink.send([pack(1, [POINT])]))[0], { kind: "retry", code: "STEPWELL_DATABASE_FAILED" });
  const { rmSync } = await import("node:fs");
  rmSync(folder);
  t.like((await sink.send([pack(1, [POINT])]))[0], { kind: "delivered" });
});

test("a damaged database is held", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  await sink.send([pack(1)]);
  await sink.close();
  const bytes = readFileSync(databasePath);
  bytes.fill(0xff, 4096);
  writeFileSync(databasePath, bytes);
  t.like((await sinkOn(t, databasePath).send([pack(2, [POINT])]))[0], {
    kind: "hold",
    code: "STEPWELL_DATABASE_DAMAGED",
  });
});

test("an artifact folder with any name is taken as it is", async (t) => {
  const { databasePath } = await sinkFor(t);
  const artifactRoot = join(dirname(databasePath), "Ärger's 100% 'Ordner'");
  const sink = sinkOn(t, databasePath, { artifactRoot });
  t.like((await sink.send([pack(1)]))[0], { kind: "delivered" });
  t.deepEqual(query(databasePath, "SELECT artifact_location FROM experiments WHERE experiment_id = 0"), [
    [`${artifactRoot}/0`],
  ]);
});
