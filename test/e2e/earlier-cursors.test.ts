/** Stores and homes of before cursors named who wrote them: what is delivered stays exact over the upgrade. */
import { copyFileSync, renameSync } from "node:fs";
import test from "ava";
import type { Run } from "../../src/runs/run.js";
import { openStore } from "../../src/store/store.js";
import { TABLES } from "../../src/store/tables.js";
import { change, query } from "../sinks/mlflow-sqlite/database.js";
import { flushed, homeWithStore, logSteps, steps, stepsIn } from "../support/outside-store.js";
import { newRunId } from "../support/producer.js";
import { until } from "../support/until.js";

/** The table of cursors as it was made first, and no count of transactions; what is written twice is noted. */
const AS_BEFORE = `
  CREATE TABLE earlier (
    home_id VARCHAR(32) NOT NULL,
    run_uuid VARCHAR(32) NOT NULL,
    seq BIGINT NOT NULL,
    points BIGINT NOT NULL,
    PRIMARY KEY (home_id, run_uuid)
  ) WITHOUT ROWID;
  INSERT INTO earlier SELECT home_id, run_uuid, seq, points FROM stepwell_cursors;
  DROP TABLE stepwell_cursors;
  ALTER TABLE earlier RENAME TO stepwell_cursors;
  DROP TABLE stepwell_homes;
  CREATE TABLE written_twice (step INTEGER);
  CREATE TRIGGER witness BEFORE INSERT ON metrics
  WHEN EXISTS (SELECT 1 FROM metrics m WHERE m.run_uuid = NEW.run_uuid AND m.step = NEW.step)
  BEGIN INSERT INTO written_twice VALUES (NEW.step); END`;

/** A state store that knows no starts, no stores, and no names of cursors; of some runs it heard nothing. */
async function forgetNames(stateFolder: string, unheard: readonly string[]): Promise<void> {
  const store = await openStore(stateFolder);
  const marks = await store.list(TABLES.storeMark);
  const runs = await store.list<Run>(TABLES.run);
  const nameless = ({ delivered }: Run) =>
    Object.entries(delivered).map(([trackerId, { seq, points, bytes }]) => [
      trackerId,
      { seq, points, bytes },
    ]);
  const changes = [
    { table: TABLES.meta, key: "history", value: undefined },
    ...marks.map(({ key }) => ({ table: TABLES.storeMark, key, value: undefined })),
    ...runs.map(({ key, value }) => ({
      ...{ table: TABLES.run, key },
      value: { ...value, delivered: unheard.includes(key) ? {} : Object.fromEntries(nameless(value)) },
    })),
  ];
  await store.write(changes, { sync: true });
  await store.close();
}

test("a store and a home of before cursors had names go on exactly where they were, and go back exactly", async (t) => {
  t.timeout(300_000);
  const { home, store, daemon: first } = await homeWithStore(t);
  const [heard, unheard] = [newRunId(), newRunId()];
  await logSteps(first.endpoint.endpoint, heard, 0, 100);
  await logSteps(first.endpoint.endpoint, unheard, 0, 100);
  await flushed(t, home);
  // Killed, it leaves in the journal what it has not heard of.
  await first.end("SIGKILL");
  change(store, AS_BEFORE);
  await forgetNames(home.paths.stateFolder, [unheard]);
  copyFileSync(store, `${store}.earlier`);
  const second = await home.startDaemon();
  await logSteps(second.endpoint.endpoint, heard, 100, 50);
  await logSteps(second.endpoint.endpoint, unheard, 100, 50);
  await flushed(t, home);
  for (const runId of [heard, unheard]) t.deepEqual(stepsIn(store, runId), steps([0, 150]));
  t.deepEqual(query(store, "SELECT * FROM written_twice"), []);
  t.deepEqual(query(store, "SELECT points, length(incarnation) FROM stepwell_cursors"), [
    ["150", "32"],
    ["150", "32"],
  ]);
  const { notices } = (await home.json(["status"])) as { readonly notices: readonly string[] };
  t.deepEqual(notices, [], "neither a copy nor a store that went back");
  // A backup of before the upgrade: nameless cursors are behind, and the home's own.
  renameSync(`${store}.earlier`, store);
  const counts = () => [heard, unheard].map((runId) => stepsIn(store, runId).length);
  await until("all is there again", counts, (each) => each.every((count) => count === 150));
  t.deepEqual(query(store, "SELECT * FROM written_twice"), []);
  await flushed(t, home);
});
