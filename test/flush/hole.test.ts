import test from "ava";
import { holeBefore, upToHole } from "../../src/flush/hole.js";
import {
  decodeRecord,
  encodeGap,
  encodeRecord,
  type JournalRecord,
  type RunTotals,
  recordBytes,
  recordKey,
} from "../../src/journal/record.js";

const PAYLOAD = new Uint8Array(10);
const BYTES = recordBytes(PAYLOAD);
const START = { seq: 0, points: 0, bytes: 0 };

/** Records of a run as the journal reads them, one for each number of points; undefined makes a gap. */
function recordsOf(points: readonly (number | undefined)[]): JournalRecord[] {
  let through: RunTotals = START;
  return points.map((each, index) => {
    const seq = index + 1;
    const key = recordKey(1, seq);
    const bytes = each === undefined ? recordBytes(new Uint8Array(0)) : BYTES;
    through = { seq, points: through.points + (each ?? 0), bytes: through.bytes + bytes };
    const header = {
      points: each ?? 0,
      params: each === 0 ? 1 : 0,
      tags: 0,
      startsRun: false,
      endsRun: false,
      receivedMs: 1,
    };
    const value =
      each === undefined ? encodeGap(key, through) : encodeRecord({ key, header, through, payload: PAYLOAD });
    const record = decodeRecord(key, value);
    if (!record) throw new Error("a record does not come back");
    return record;
  });
}

test("a record that is there leaves no hole before the next one, whatever it holds", (t) => {
  const records = recordsOf([5, 0, 3]);
  t.deepEqual(upToHole(records), records);
  t.is(records[0] && holeBefore(records[0], START), undefined);
});

test("a lost record leaves a hole, also where it held no points", (t) => {
  const [first, params, last] = recordsOf([5, 0, 3]);
  if (!first || !params || !last) return t.fail();
  t.deepEqual(upToHole([first, last]), [first]);
  t.deepEqual(holeBefore(last, first.through), {
    points: 0,
    bytes: BYTES,
    afterSeq: 1,
    through: { ...params.through, seq: 2 },
  });
  t.like(holeBefore(last, START), { points: 5, bytes: 2 * BYTES });
  t.is(holeBefore(last, { ...params.through, seq: 2 }), undefined, "behind it there is none");
});

test("nobody knows how large a gap's hole is, and the lane stands behind it", (t) => {
  const [first, gap, last] = recordsOf([5, undefined, 3]);
  if (!first || !gap || !last) return t.fail();
  t.deepEqual(upToHole([first, gap, last]), [first]);
  t.deepEqual(holeBefore(gap, first.through), {
    points: 0,
    bytes: undefined,
    afterSeq: 1,
    through: gap.through,
  });
  t.is(holeBefore(last, gap.through), undefined);
});
