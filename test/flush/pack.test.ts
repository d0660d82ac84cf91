import test from "ava";
import { packOf, piecesFor } from "../../src/flush/pack.js";
import { Batch } from "../../src/gen/stepwell/v1/ingest.js";
import type { JournalRecord } from "../../src/journal/record.js";
import { NO_ENTRIES } from "../../src/model/no-entries.js";

const RUN = "ab".repeat(16);
const START = {
  ...{ experimentName: "e", runName: "n", startTimeMs: 5, user: "", sourceName: "" },
  parentRunId: "",
};
const END = { status: "RUNNING", endTimeMs: 0 } as const;

function recordOf(seq: number, entries: Partial<Batch>): JournalRecord {
  const batch = { ...NO_ENTRIES, sequence: BigInt(seq), runId: RUN, ...entries };
  const header = { points: 0, params: 0, tags: 0, startsRun: false, endsRun: false, receivedMs: 1 };
  const through = { seq, points: 0, bytes: 0 };
  return { ...header, seq, through, payload: Batch.encode(batch).finish() } as unknown as JournalRecord;
}

const FROM = { author: { homeId: "h", incarnation: "i" }, after: undefined };

test("of records with tags and removals a pack says what stands at their end", (t) => {
  const tag = (key: string, value: string) => ({ key, value });
  const records = [
    recordOf(1, { tags: [tag("gone", "1"), tag("back", "1"), tag("kept", "1")] }),
    recordOf(2, { removedTags: ["gone", "back", "both"], tags: [tag("both", "2")] }),
    recordOf(3, { tags: [tag("back", "3")] }),
  ];
  const pack = packOf({ runId: RUN, start: START, end: END, ...FROM }, piecesFor(records, "t1"));
  t.deepEqual(pack.removedTags, ["gone", "back", "both"]);
  t.deepEqual(pack.tags, [tag("kept", "1"), tag("both", "2"), tag("back", "3")]);
});

test("a run's status goes with records that changed it, and with no others", (t) => {
  const run = { runId: RUN, start: START, end: END, ...FROM };
  t.is(packOf(run, piecesFor([recordOf(1, {})], "t1")).end, undefined);
  const records = [{ ...recordOf(1, {}), endsRun: true }, recordOf(2, {})];
  t.deepEqual(packOf(run, piecesFor(records, "t1")).end, END);
});

test("a pack ends before a record that is for another tracker", (t) => {
  const records = [
    recordOf(1, {}),
    recordOf(2, { onlyTrackerId: "t1" }),
    recordOf(3, { onlyTrackerId: "t2" }),
    recordOf(4, {}),
  ];
  const seqs = (from: number, trackerId: string) =>
    piecesFor(records.slice(from), trackerId).map(({ record }) => record.seq);
  t.deepEqual(seqs(0, "t1"), [1, 2]);
  t.deepEqual(seqs(0, "t2"), [1]);
  t.deepEqual(seqs(1, "t2"), []);
  t.deepEqual(seqs(2, "t2"), [3, 4]);
});

test("a record with calls is a pack of its own, whatever stands before and behind it", (t) => {
  const call = { method: "POST", path: "runs/log-inputs", body: "{}", namesRun: true };
  const records = [
    recordOf(1, {}),
    recordOf(2, { calls: [call], onlyTrackerId: "t1" }),
    recordOf(3, { calls: [call] }),
    recordOf(4, {}),
    recordOf(5, {}),
  ];
  const seqs = (from: number, trackerId: string) =>
    piecesFor(records.slice(from), trackerId).map(({ record }) => record.seq);
  t.deepEqual([seqs(0, "t1"), seqs(1, "t1"), seqs(2, "t1"), seqs(3, "t1")], [[1], [2], [3], [4, 5]]);
  t.deepEqual([seqs(0, "t2"), seqs(1, "t2")], [[1], []]);
  const pack = packOf({ runId: RUN, start: START, end: END, ...FROM }, piecesFor(records.slice(1), "t1"));
  t.deepEqual(pack.calls, [call]);
});
