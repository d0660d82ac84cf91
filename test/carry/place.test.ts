import test from "ava";
import { type CarriedRun, placeOf } from "../../src/carry/place.js";
import type { Cursor, LeftCursor } from "../../src/model/cursor.js";
import type { Imported } from "../../src/runs/import-book.js";

const HOME = "a".repeat(32);
const at = (seq: number) => ({ seq, points: seq * 10, bytes: seq * 100 });
const left = (seq: number, incarnation = "two"): LeftCursor => ({ homeId: HOME, incarnation, seq });
const cursor = (seq: number, incarnation = "two"): Cursor => ({ ...at(seq), incarnation });
const answer = (found: Cursor | undefined) => ({ homeId: HOME, cursor: found });
const STARTS = ["one", "two"];

/** What begins behind 10 and ends at 20. */
const SECOND: CarriedRun = { runId: "r", after: left(10), from: at(10), afterBundle: 1, last: at(20) };
const FIRST: CarriedRun = { runId: "r", after: undefined, from: at(0), afterBundle: 0, last: at(10) };

test("a cursor that is where the home left it lets all of the bundle through", (t) => {
  t.deepEqual(placeOf(SECOND, answer(cursor(10)), undefined, STARTS), {
    kind: "from",
    through: at(10),
    left: left(10),
  });
  t.deepEqual(placeOf(FIRST, answer(undefined), undefined, STARTS), {
    kind: "from",
    through: at(0),
    left: undefined,
  });
});

test("a cursor before the bundle is a gap, and so is none", (t) => {
  t.deepEqual(placeOf(SECOND, answer(cursor(7)), undefined, STARTS), { kind: "gap" });
  t.deepEqual(placeOf(SECOND, answer(undefined), undefined, STARTS), { kind: "gap" });
});

test("a cursor within the bundle that the home wrote goes on from there; another's does not", (t) => {
  for (const incarnation of STARTS)
    t.deepEqual(placeOf(SECOND, answer(cursor(15, incarnation)), undefined, STARTS), {
      kind: "from",
      through: at(15),
      left: left(15, incarnation),
    });
  t.deepEqual(placeOf(SECOND, answer(cursor(15, "other")), undefined, STARTS), { kind: "foreign" });
  t.deepEqual(placeOf(SECOND, answer(cursor(10, "other")), undefined, STARTS), { kind: "foreign" });
});

test("a cursor at the bundle's end or behind it leaves nothing to do, whoever wrote it", (t) => {
  for (const seq of [20, 35])
    for (const incarnation of ["two", "later"])
      t.deepEqual(placeOf(SECOND, answer(cursor(seq, incarnation)), undefined, STARTS), {
        kind: "done",
        through: at(seq),
        left: left(seq, incarnation),
      });
});

test("what was refused on the way is not delivered again, though the cursor lags", (t) => {
  const kept: Imported = { through: at(10), left: left(4) };
  t.deepEqual(placeOf(SECOND, answer(cursor(4)), kept, STARTS), {
    kind: "from",
    through: at(10),
    left: left(4),
  });
  // The cursor went elsewhere since: it counts, and not what was kept.
  t.deepEqual(placeOf(SECOND, answer(cursor(3)), kept, STARTS), { kind: "gap" });
});

test("where a backend keeps no cursors the importer's own memory decides", (t) => {
  t.deepEqual(placeOf(FIRST, undefined, undefined, STARTS), {
    kind: "from",
    through: at(0),
    left: undefined,
  });
  t.deepEqual(placeOf(SECOND, undefined, undefined, STARTS), { kind: "gap" });
  const kept = (seq: number): Imported => ({ through: at(seq), left: left(seq) });
  t.deepEqual(placeOf(SECOND, undefined, kept(9), STARTS), { kind: "gap" });
  t.like(placeOf(SECOND, undefined, kept(10), STARTS), { kind: "from", through: at(10) });
  t.like(placeOf(SECOND, undefined, kept(12), STARTS), { kind: "from", through: at(12) });
  t.like(placeOf(SECOND, undefined, kept(20), STARTS), { kind: "done", through: at(20) });
  // What the home delivered by itself needs no bundle before.
  t.like(placeOf({ ...SECOND, afterBundle: 0 }, undefined, undefined, STARTS), {
    kind: "from",
    through: at(10),
  });
});
