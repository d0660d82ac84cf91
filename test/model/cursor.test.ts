import test from "ava";
import fc from "fast-check";
import {
  type Cursor,
  isAsBelieved,
  judgeCursor,
  type LeftCursor,
  type OwnPast,
} from "../../src/model/cursor.js";

const HOME = "a".repeat(32);
/** Two starts before this one, "now", which began at 20 and journaled through 30. */
const PAST: OwnPast = {
  incarnations: [
    { id: "first", fromSeq: 5 },
    { id: "second", fromSeq: 10 },
    { id: "now", fromSeq: 20 },
  ],
  journaledSeq: 30,
  unheard: [],
};

const at = (incarnation: string, seq: number): Cursor => ({ incarnation, seq, points: seq, bytes: seq });
const left = (incarnation: string, seq: number): LeftCursor => ({ homeId: HOME, incarnation, seq });

const ROWS = [
  { why: "where it was left", found: at("now", 25), left: left("now", 25), standing: "as believed" },
  { why: "none where none was left", found: undefined, left: undefined, standing: "as believed" },
  { why: "none where one was left", found: undefined, left: left("now", 25), standing: "forgot" },
  { why: "behind where it was left", found: at("now", 24), left: left("now", 25), standing: "forgot" },
  { why: "behind, by an earlier start", found: at("first", 6), left: left("now", 25), standing: "forgot" },
  { why: "ahead, by an earlier start", found: at("second", 19), left: left("second", 12), standing: "moved" },
  {
    why: "by a start that nobody knows",
    found: at("copy", 12),
    left: left("second", 12),
    standing: "foreign",
  },
  { why: "by an unknown start, behind", found: at("copy", 2), left: left("now", 25), standing: "foreign" },
  {
    why: "by a start that ended before",
    found: at("second", 20),
    left: left("second", 12),
    standing: "foreign",
  },
  { why: "beyond what is journaled", found: at("now", 31), left: left("now", 25), standing: "foreign" },
  {
    why: "ahead in this start, never sent",
    found: at("now", 28),
    left: left("now", 25),
    standing: "foreign",
  },
  { why: "without a name, of before there were names", found: at("", 4), left: undefined, standing: "moved" },
  { why: "without a name, of after", found: at("", 5), left: undefined, standing: "foreign" },
] as const;

for (const { why, found, left: where, standing } of ROWS)
  test(`a cursor ${why}: ${standing}`, (t) => t.is(judgeCursor(found, where, PAST), standing));

test("a cursor ahead in this start is ours where the pack was sent and nobody heard what became of it", (t) => {
  t.is(judgeCursor(at("now", 28), left("now", 25), { ...PAST, unheard: [27, 28] }), "moved");
  t.is(judgeCursor(at("now", 28), left("now", 25), { ...PAST, unheard: [27] }), "foreign");
});

test("a cursor ahead in this start is ours anywhere in what was given away in bundles, and no further", (t) => {
  const standing = (found: Cursor, exportedSeq: number) =>
    judgeCursor(found, left("now", 25), { ...PAST, exportedSeq });
  t.is(standing(at("now", 26), 28), "moved");
  t.is(standing(at("now", 28), 28), "moved");
  t.is(standing(at("now", 29), 28), "foreign");
  t.is(standing(at("copy", 26), 28), "foreign");
});

test("whatever the cursor, it is written only where it was left, and what another home wrote is never ours", (t) => {
  const id = fc.constantFrom("first", "second", "now", "copy", "");
  const seq = fc.integer({ min: 0, max: 40 });
  const found = fc.option(fc.tuple(id, seq), { nil: undefined });
  const property = fc.property(found, found, fc.array(seq, { maxLength: 3 }), (one, other, unheard) => {
    const cursor = one && at(...one);
    const believed = other && left(...other);
    const standing = judgeCursor(cursor, believed, { ...PAST, unheard });
    const isEqual = cursor?.seq === believed?.seq && cursor?.incarnation === believed?.incarnation;
    if ((standing === "as believed") !== isEqual || isAsBelieved(cursor, believed) !== isEqual) return false;
    return cursor?.incarnation === "copy" && !isEqual ? standing === "foreign" : true;
  });
  t.notThrows(() => fc.assert(property, { numRuns: 2_000 }));
});
