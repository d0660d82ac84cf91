import test from "ava";
import type { RunEndNote } from "../../src/home/end-note.js";
import { byOwnIds } from "../../src/leases/aliased-notes.js";
import type { BackendRun } from "../../src/model/target.js";
import { BackendRuns } from "../../src/runs/backend-runs.js";
import { openStore } from "../../src/store/store.js";
import { TABLES } from "../../src/store/tables.js";
import { scratchFolder } from "../support/folder.js";

const [OURS, THEIRS, OTHER] = ["1".repeat(32), "2".repeat(32), "3".repeat(32)] as const;
const KNOWN: BackendRun = { kind: "known", mlflowRunId: THEIRS, experimentId: "1", url: "http://h" };

test("a server's id leads to our run, also after a restart; an id that is not known stays as it is", async (t) => {
  const folder = await scratchFolder(t);
  const store = await openStore(folder);
  const before = new BackendRuns(store);
  await before.keep(OURS, "tracker", KNOWN);
  await before.keep(OTHER, "tracker", { ...KNOWN, mlflowRunId: OTHER });
  const after = new BackendRuns(store);
  t.is(after.remembered(THEIRS), undefined);
  t.is(await after.ownId(THEIRS), OURS);
  t.is(after.remembered(THEIRS), OURS);
  t.is(await after.ownId(OTHER), OTHER);
  t.is(await after.ownId("f".repeat(32)), "f".repeat(32));
  t.deepEqual(await after.aliasesOf(OURS), [THEIRS]);
  t.deepEqual(await after.aliasesOf(OTHER), []);
  await store.close();
});

test("a home of before servers' ids led to runs learns them when it is opened", async (t) => {
  const folder = await scratchFolder(t);
  const old = await openStore(folder);
  await old.write(
    [
      { table: TABLES.backendRun, key: `${OURS}.tracker`, value: KNOWN },
      { table: TABLES.backendRun, key: `${OTHER}.tracker`, value: { kind: "asked", askedMs: 1 } },
      { table: TABLES.meta, key: "schema", value: 3 },
    ],
    { sync: true },
  );
  await old.close();
  const store = await openStore(folder);
  t.is(await new BackendRuns(store).ownId(THEIRS), OURS);
  t.is((await store.list(TABLES.runAlias)).length, 1);
  await store.close();
});

test("a note that a client left under a server's id is our run's, and goes with it", async (t) => {
  const process = { bootId: "b", pidNamespace: "1", pid: 7, startTicks: "9" };
  const note: Required<RunEndNote> = { runId: THEIRS, process, status: "FAILED", endTimeMs: 5 };
  const files = new Map([[THEIRS, note]]);
  const notes = byOwnIds(
    {
      find: async (id) => files.get(id),
      before: async () => [...files.values()],
      remove: async (id) => void files.delete(id),
    },
    {
      ownId: async (id) => (id === THEIRS ? OURS : id),
      aliasesOf: async (id) => (id === OURS ? [THEIRS] : []),
    },
  );
  t.deepEqual(await notes.find(OURS), { ...note, runId: OURS });
  t.deepEqual(await notes.before(10), [{ ...note, runId: OURS }]);
  t.is(await notes.find(OTHER), undefined);
  await notes.remove(OURS);
  t.is(files.size, 0);
});
