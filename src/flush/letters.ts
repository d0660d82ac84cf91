/** Dead letters out of what a backend refused. */
import type { ErrorCode } from "../errors/table.js";
import type { JournalRecord } from "../journal/record.js";
import { type ColumnView, encodeBatch, pointsIn, viewBatch } from "../model/batch-view.js";
import { counted } from "../model/counted.js";
import type { DeadLetter, LostRange } from "../runs/dead-letters.js";
import type { RunPosition } from "../runs/run.js";
import type { Refusal } from "../sinks/sink.js";
import { type Hole, holeBefore } from "./hole.js";

/** How much of a run is parked at a time. */
export const PARK_READ = { points: 100_000, texts: 10_000, records: 1_000 };

/** Metric points of a record, also of one that comes again, whose header has none. */
export function pointsOf(record: Pick<JournalRecord, "payload">): number {
  return pointsIn(viewBatch(record.payload).columns);
}

/** A record that is not delivered as a whole. */
export function letterOfRecord(
  runId: string,
  tracker: string,
  record: JournalRecord,
  { code, reason }: { readonly code: ErrorCode; readonly reason: string },
): DeadLetter {
  // Points that came again after a refusal stand in no sum: what is refused once more has them all the same.
  const points = pointsOf(record);
  const entries = points + record.params + record.tags + Number(record.startsRun) + Number(record.endsRun);
  return { runId, tracker, code, reason, entries, payload: base64(record.payload) };
}

/** Records that nobody gets, with notes of what is missing among them behind a position. */
export function lettersOfRecords(
  runId: string,
  records: readonly JournalRecord[],
  position: RunPosition,
  why: { readonly code: ErrorCode; readonly reason: string },
): DeadLetter[] {
  let before = position;
  return records.flatMap((record) => {
    const hole = holeBefore(record, before);
    before = record.through;
    const letters = record.isGap ? [] : [letterOfRecord(runId, "", record, why)];
    return hole ? [letterOfHole(runId, "", hole), ...letters] : letters;
  });
}

/** One entry that was refused while the rest of its pack was taken. */
export function letterOfRefusal(runId: string, tracker: string, refusal: Refusal): DeadLetter {
  const { code, reason } = refusal;
  const batch = {
    sequence: 0n,
    runId,
    start: undefined,
    params: refusal.kind === "param" ? [refusal] : [],
    columns: refusal.kind === "metric" ? [columnOf(refusal)] : [],
    tags: refusal.kind === "tag" ? [refusal] : [],
    removedTags: [],
    end: undefined,
    onlyTrackerId: "",
    calls: [],
  };
  return { runId, tracker, code, reason, entries: 1, payload: base64(encodeBatch(batch)) };
}

/** Entries that the journal lost: a note without a payload. */
export function letterOfHole(
  runId: string,
  tracker: string,
  hole: Hole,
  isForgotten = false,
): DeadLetter & { readonly lost: LostRange } {
  const { points, bytes, afterSeq, through } = hole;
  const reason = isForgotten
    ? reasonOfForgotten(hole)
    : bytes === undefined
      ? "A segment of the journal was lost: entries of this run that were logged before may be missing."
      : `Records of this run with ${counted(points, "metric point")} (${counted(bytes, "byte")}) can't be read from the journal any more.`;
  return {
    runId,
    tracker,
    code: isForgotten ? "STEPWELL_BACKEND_FORGOT" : "STEPWELL_RECORD_DAMAGED",
    reason,
    entries: Math.max(1, points),
    payload: "",
    lost: { afterSeq, throughSeq: through.seq, ...(bytes === undefined ? { isUncertain: true } : { bytes }) },
  };
}

/** What was delivered, is gone from the backend, and left the journal's replay window before that was seen. */
function reasonOfForgotten({ points, bytes, afterSeq, through }: Hole): string {
  const size = bytes === undefined ? "" : ` (${counted(bytes, "byte")})`;
  return `The tracker's store went back to an earlier state. ${counted(points, "metric point")} of this run${size}, journal positions ${afterSeq + 1} to ${through.seq}, had been delivered to it and are in the journal no more.`;
}

function columnOf({
  key,
  modelId,
  dataset,
  step,
  timestampMs,
  value,
}: Refusal & { kind: "metric" }): ColumnView {
  const bytes = (array: BigInt64Array | Float64Array) => new Uint8Array(array.buffer);
  return {
    key,
    modelId,
    ...(dataset ? { dataset } : {}),
    steps: bytes(BigInt64Array.of(step)),
    timestampsMs: bytes(BigInt64Array.of(timestampMs)),
    values: bytes(Float64Array.of(value)),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
