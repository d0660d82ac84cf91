/** Dead letters out of what a backend refused. */
import type { ErrorCode } from "../errors/table.js";
import type { JournalRecord } from "../journal/record.js";
import { encodeBatch } from "../model/batch-view.js";
import type { Refusal } from "../sinks/sink.js";
import type { DeadLetter } from "../state/dead-letters.js";
import type { Hole } from "./hole.js";

/** A record that is not delivered as a whole. */
export function letterOfRecord(
  runId: string,
  tracker: string,
  record: JournalRecord,
  { code, reason }: { readonly code: ErrorCode; readonly reason: string },
): DeadLetter {
  const entries =
    record.points + record.params + record.tags + Number(record.startsRun) + Number(record.endsRun);
  return { runId, tracker, code, reason, entries, payload: base64(record.payload) };
}

/** One entry that was refused while the rest of its pack was taken. */
export function letterOfRefusal(runId: string, tracker: string, refusal: Refusal): DeadLetter {
  const { key, value, code, reason } = refusal;
  const text = [{ key, value }];
  const batch = {
    sequence: 0n,
    runId,
    start: undefined,
    params: refusal.kind === "param" ? text : [],
    columns: [],
    tags: refusal.kind === "tag" ? text : [],
    removedTags: [],
    end: undefined,
  };
  return { runId, tracker, code, reason, entries: 1, payload: base64(encodeBatch(batch)) };
}

/** Entries that the journal lost: a note without a payload. */
export function letterOfHole(runId: string, tracker: string, hole: Hole): DeadLetter {
  const reason = `${hole.points} metric points of this run can't be read from the journal any more.`;
  return {
    runId,
    tracker,
    code: "STEPWELL_RECORD_DAMAGED",
    reason,
    entries: Math.max(1, hole.points),
    payload: "",
    lost: { afterSeq: hole.afterSeq, throughSeq: hole.through.seq },
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
