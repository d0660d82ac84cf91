import type { Journal } from "../journal/journal.js";
import type { JournalRecord } from "../journal/record.js";
import { RECORD_ENTRIES_MAX } from "../model/limits.js";

/** How much of the journal is read at once. */
const BUDGET = { points: 16 * RECORD_ENTRIES_MAX, texts: 16 * RECORD_ENTRIES_MAX, records: 1_000 };

/** A run's records after a position, as far as the journal has them. */
export async function* recordsAfter(
  journal: Pick<Journal, "read">,
  runNumber: number,
  afterSeq: number,
): AsyncGenerator<JournalRecord> {
  for (let seq = afterSeq; ; ) {
    const records = await journal.read(runNumber, seq, BUDGET);
    yield* records;
    const last = records.at(-1);
    if (!last) return;
    seq = last.seq;
  }
}
