/** What a lane sends is what the journal had and the run was when the records were read, not before. */
import test from "ava";
import type { FlusherOptions } from "../../src/flush/flusher-options.js";
import { newLane } from "../../src/flush/lane.js";
import { LaneReader, RequestRoom } from "../../src/flush/lane-reader.js";
import type { Settler } from "../../src/flush/settler.js";
import { Batch } from "../../src/gen/stepwell/v1/ingest.js";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import type { JournalRecord } from "../../src/journal/record.js";
import { recordBytes } from "../../src/journal/record.js";
import { NO_ENTRIES } from "../../src/model/no-entries.js";
import { newRun, type Run } from "../../src/runs/run.js";

const RUN_ID = "ab".repeat(16);
const backend = { kind: "sqlite", databasePath: "/a.db", artifactRoot: "/a" } as const;
const TARGET = { trackerId: "t1", tracker: "one", backend };
const TEXTS = { experimentName: "e", runName: "n", user: "", sourceName: "", parentRunId: "" };
const LIMITS = { pointsMax: 1_000, textsMax: 100, packsMax: 10, requestsMax: 1 };

/** The record that ends the run, its only one. */
function endRecord(): JournalRecord {
  const runEnd = { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 9n };
  const payload = Batch.encode({ ...NO_ENTRIES, runId: RUN_ID, runEnd }).finish();
  const through = { seq: 1, points: 0, bytes: recordBytes(payload) };
  const counts = { points: 0, params: 0, tags: 0, receivedMs: 9, isGap: false };
  return { ...counts, seq: 1, startsRun: false, endsRun: true, through, payload };
}

test("a run that ends while its records are read is sent with that end, not with what it was before", async (t) => {
  const started = newRun(RUN_ID, 1, 0);
  let run: Run = { ...started, start: { ...TEXTS, startTimeMs: 5 }, targets: [TARGET], status: "RUNNING" };
  const journal = {
    read: async () => {
      run = { ...run, status: "FINISHED", endTimeMs: 9 };
      return [endRecord()];
    },
  };
  const settler = { hold: (_: unknown, error: unknown) => t.fail(String(error)) } as unknown as Settler;
  const options = {
    journal,
    runs: { find: () => run },
    history: { author: { homeId: "h", incarnation: "i" } },
  } as unknown as FlusherOptions;
  const lane = newLane(RUN_ID, TARGET, 0);
  const parcel = await new LaneReader(options, settler, () => [lane]).parcelOf(
    lane,
    new RequestRoom(LIMITS, 1),
  );
  t.true(typeof parcel === "object");
  if (typeof parcel === "object") t.deepEqual(parcel.pack.end, { status: "FINISHED", endTimeMs: 9 });
});
