/** What the daemon's own sink of a database does beside the database's store. */
import test from "ava";
import type { Pack } from "../../../src/model/pack.js";
import { openPostgresSink } from "../../../src/sinks/mlflow-postgres/postgres-sink.js";
import type { PostgresStore } from "../../../src/sinks/mlflow-postgres/postgres-store.js";
import { HOME_ID, OTHER_RUN_ID, pack, RUN_ID } from "../mlflow-sqlite/packs.js";
import { memoryOf } from "./store.js";

const DELIVERED = { kind: "delivered", refused: [] } as const;
const AWAY = {
  kind: "retry",
  scope: "backend",
  code: "STEPWELL_SERVER_UNREACHABLE",
  reason: "away",
} as const;

/** A sink on a store that counts, and a clock that stands still. */
function setUp() {
  const asked: string[] = [];
  const sent: Pack[] = [];
  const told: [string, string][][] = [];
  const state = { nowMs: 0, writes: 0, isAway: false, opened: 0 };
  const store: Pick<PostgresStore, "write" | "writesOf" | "standing" | "close"> = {
    write: async (packs) => {
      asked.push("write");
      sent.push(...packs);
      const nothing = { wentBack: new Set<string>(), durability: "local" as const };
      if (state.isAway)
        return { ...nothing, outcomes: packs.map(() => AWAY), writes: new Map(), experimentIds: new Map() };
      const writes = new Map([[HOME_ID, ++state.writes]]);
      const experimentIds = new Map(packs.map(({ runId }) => [runId, "7"]));
      return { ...nothing, outcomes: packs.map(() => DELIVERED), writes, experimentIds };
    },
    writesOf: async () => {
      asked.push("writesOf");
      return state.writes;
    },
    standing: async () => [],
    close: async () => void asked.push("close"),
  };
  const memory = memoryOf();
  const sink = openPostgresSink({
    memory,
    clock: { nowMs: () => 0, monotonicMs: () => state.nowMs },
    open: async () => {
      state.opened += 1;
      return store as PostgresStore;
    },
    ownId: async (runId) => `own of ${runId}`,
    onExperiments: async (ids) => void told.push([...ids]),
    lookMs: 60_000,
  });
  const { cursors: keeper } = sink;
  if (!keeper) throw new Error("it keeps no cursors");
  return { sink, keeper, memory, state, asked, sent, told };
}

test("a database that was just heard of is not looked at, and one that is away is looked at again", async (t) => {
  const { sink, keeper, state, asked } = setUp();
  t.deepEqual(await keeper.look(HOME_ID), { kind: "as left" });
  await sink.send([pack(1)]);
  await keeper.look(HOME_ID);
  t.deepEqual(asked, ["writesOf", "write"]);
  state.nowMs = 60_000;
  await keeper.look(HOME_ID);
  t.deepEqual(asked, ["writesOf", "write", "writesOf"]);
  state.isAway = true;
  t.deepEqual(await sink.send([pack(2)]), [AWAY]);
  state.writes = 0;
  t.deepEqual(await keeper.look(HOME_ID), { kind: "went back", writes: 0 });
});

test("what is remembered is the largest count that was heard, and never one of a store that is begun anew", async (t) => {
  const { sink, memory, state } = setUp();
  await sink.send([pack(1)]);
  t.like(memory.mark(), { homeId: HOME_ID, writes: 1, isOpen: true });
  state.writes = 8;
  await sink.send([pack(2)]);
  t.is(memory.mark().writes, 9);
  state.writes = 3;
  await sink.send([pack(3)]);
  t.is(memory.mark().writes, 9);
  await memory.keep({ isRenewed: true });
  await sink.send([pack(4)]);
  t.like(memory.mark(), { writes: 5, isRenewed: false });
});

test("a parent is named by our id, and the experiment of a run is told once", async (t) => {
  const { sink, sent, told, state } = setUp();
  const tags = [{ key: "mlflow.parentRunId", value: "theirs" }];
  await sink.send([pack(1, [], { tags }), pack(1, [], { runId: OTHER_RUN_ID })]);
  await sink.send([pack(2)]);
  t.deepEqual(sent[0]?.tags, [{ key: "mlflow.parentRunId", value: "own of theirs" }]);
  t.deepEqual(told, [
    [
      [RUN_ID, "7"],
      [OTHER_RUN_ID, "7"],
    ],
  ]);
  t.is(state.opened, 1);
});

test("a sink that was never used opens nothing, also when it is closed", async (t) => {
  const { sink, state, asked } = setUp();
  await sink.close();
  t.is(state.opened, 0);
  t.like(await sink.send([pack(1)]), [{ kind: "retry", code: "STEPWELL_DAEMON_STOPPING" }]);
  t.deepEqual(asked, []);
});
