/** Lanes whose backend forgot what it had: they ask the journal for it together, and know of it until they are past it. */
import test from "ava";
import type { FlusherOptions } from "../../src/flush/flusher-options.js";
import { type FollowParts, followCursor } from "../../src/flush/follow-cursor.js";
import { type Lane, newLane } from "../../src/flush/lane.js";
import { LaneReader, RequestRoom } from "../../src/flush/lane-reader.js";
import type { Settler } from "../../src/flush/settler.js";
import type { Run } from "../../src/runs/run.js";

const LANES = 2_000;
const backend = { kind: "sqlite", databasePath: "/a.db", artifactRoot: "/a" } as const;
const TARGET = { trackerId: "t1", tracker: "one", backend };
const LIMITS = { pointsMax: 1_000, textsMax: 100, packsMax: 10, requestsMax: 1 };
const FORGOT = { seq: 9, points: 9, bytes: 9 };

/** A reader over lanes whose runs were delivered, are forgotten, and whose records left the journal. */
function setUp(recall: (wanted: ReadonlyMap<number, number>) => Promise<void>) {
  const runs = new Map<string, Run>();
  const lanes: Lane[] = [];
  const counts = { finds: 0, recalled: [] as number[] };
  const setBack = (number: number) => {
    const delivered = { t1: { seq: 0, points: 0, bytes: 0, cursor: undefined, forgot: FORGOT } };
    runs.set(`${number}`, { runId: `${number}`, number, start: {}, delivered } as unknown as Run);
  };
  for (let number = 1; number <= LANES; number++) {
    setBack(number);
    lanes.push(newLane(`${number}`, TARGET, 0));
  }
  const find = (runId: string) => {
    counts.finds += 1;
    return runs.get(runId);
  };
  const journal = {
    read: async () => [],
    holds: () => false,
    recall: async (wanted: ReadonlyMap<number, number>) => {
      counts.recalled.push(wanted.size);
      await recall(wanted);
    },
  };
  const passed: Lane[] = [];
  const held: Lane[] = [];
  const settler = {
    passHole: async (lane: Lane) => void passed.push(lane),
    hold: (lane: Lane) => void held.push(lane),
  } as unknown as Settler;
  const options = { runs: { find, journaled: () => FORGOT }, journal } as unknown as FlusherOptions;
  const reader = new LaneReader(options, settler, () => lanes);
  const readAll = (some = lanes) =>
    Promise.all(some.map((lane) => reader.parcelOf(lane, new RequestRoom(LIMITS, LANES))));
  return { lanes, counts, passed, held, readAll, setBack };
}

test("lanes that are set back at once ask the journal once, for all, in one pass", async (t) => {
  const { lanes, counts, passed, readAll } = setUp(async () => undefined);
  // As requests take them: some at a time.
  for (let at = 0; at < LANES; at += 100) await readAll(lanes.slice(at, at + 100));
  t.deepEqual(counts.recalled, [LANES]);
  t.is(passed.length, LANES - 100, "the first ones wait for it");
  t.true(counts.finds <= 5 * LANES, `${counts.finds} looks at runs`);
  await readAll(lanes.slice(0, 100));
  t.is(passed.length, LANES);
  t.deepEqual(counts.recalled, [LANES]);
});

test("a lane that is set back once more meanwhile asks once more", async (t) => {
  const { counts, passed, readAll, setBack } = setUp(async () => {
    if (counts.recalled.length === 1) setBack(7);
  });
  await readAll();
  await readAll();
  t.deepEqual(counts.recalled, [LANES, 1]);
  await readAll();
  t.is(passed.filter(({ runId }) => runId === "7").length, 1);
  t.deepEqual(counts.recalled, [LANES, 1]);
});

test("where the journal can't be asked all lanes are held, none passes anything, and the next look asks again", async (t) => {
  const { counts, passed, held, readAll } = setUp(async () => {
    if (counts.recalled.length === 1) throw new Error("EIO");
  });
  await readAll();
  t.is(held.length, LANES);
  t.deepEqual(passed, []);
  await readAll();
  t.deepEqual(counts.recalled, [LANES, LANES]);
});

test("a backend that has a part of what it forgot by now, unheard, still lacks the rest", async (t) => {
  const incarnation = "a".repeat(32);
  const left = { homeId: "h", incarnation, seq: 2 };
  const delivered = { t1: { seq: 2, points: 2, bytes: 2, cursor: left, forgot: FORGOT } };
  const run = { runId: "1", number: 1, start: {}, delivered } as unknown as Run;
  const parts = {
    journal: { lastSeq: 20, failure: undefined, read: async () => [] },
    history: { homeId: "h", incarnations: [{ id: incarnation, fromSeq: 0 }] },
  } as unknown as FollowParts;
  const followed = async (seq: number) => {
    const cursor = { seq, incarnation, points: seq, bytes: seq };
    const found = { run, target: TARGET, left, homeId: "h", cursor, unheard: [seq] };
    return await followCursor(parts, found, []);
  };
  t.like(await followed(5), { seq: 5, points: 5, forgot: FORGOT });
  t.like(await followed(9), { seq: 9, forgot: undefined });
});
