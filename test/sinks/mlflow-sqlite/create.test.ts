import { statSync } from "node:fs";
import test from "ava";
import { change, query } from "./database.js";
import { pack, sinkFor } from "./packs.js";

test("the first pack, and nothing before it, makes the database and the artifact folder, for their owner only", async (t) => {
  const { sink, databasePath, artifactRoot } = await sinkFor(t);
  t.is(statSync(databasePath, { throwIfNoEntry: false }), undefined);
  t.deepEqual(await sink.send([pack(1)]), [{ kind: "delivered", refused: [] }]);
  t.is(statSync(databasePath).mode & 0o777, 0o600);
  t.is(statSync(artifactRoot).mode & 0o777, 0o700);
  t.deepEqual(query(databasePath, "SELECT * FROM alembic_version"), [["97727af70f4d"]]);
  t.deepEqual(query(databasePath, "PRAGMA integrity_check"), [["ok"]]);
  t.deepEqual(query(databasePath, "PRAGMA foreign_key_check"), []);
});

test("MLflow's default experiment is there, and the run's own is made beside it", async (t) => {
  const { sink, databasePath, artifactRoot } = await sinkFor(t);
  await sink.send([pack(1)]);
  t.deepEqual(query(databasePath, "SELECT * FROM experiments ORDER BY experiment_id"), [
    ["0", "Default", `${artifactRoot}/0`, "active", "1700000000500", "1700000000500"],
    ["1", "digits", `${artifactRoot}/1`, "active", "1700000000500", "1700000000500"],
  ]);
  await sink.send([pack(1, [], { runId: "b".repeat(32) })]);
  t.deepEqual(query(databasePath, "SELECT experiment_id FROM runs"), [["1"], ["1"]]);
});

for (const mode of ["wal", "delete"]) {
  test(`a file in journal mode ${mode} stays in it`, async (t) => {
    const { sink, databasePath } = await sinkFor(t);
    await sink.send([pack(1)]);
    change(databasePath, `PRAGMA journal_mode = ${mode}`);
    t.is((await sink.send([pack(2, [["loss", 1n, 1n, 1]])]))[0]?.kind, "delivered");
    await sink.close();
    t.deepEqual(query(databasePath, "PRAGMA journal_mode"), [[mode]]);
  });
}
