import type { Journal } from "../journal/journal.js";
import type { JournalRecord } from "../journal/record.js";
import { RECORD_ENTRIES_MAX } from "../model/limits.js";
import { type Run, releasedSeq } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";

/** How much of the journal is read at once. */
const BUDGET = { points: 16 * RECORD_ENTRIES_MAX, texts: 16 * RECORD_ENTRIES_MAX, records: 1_000 };

/** A run's records after a position that some tracker has not got; others may come in between. */
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

/** A run's records after a position, with those that its trackers have: the journal keeps them for its replay window. */
export async function* keptRecordsAfter(
  journal: Pick<Journal, "read" | "recall" | "release">,
  runs: Pick<RunBook, "find">,
  run: Run,
  afterSeq: number,
): AsyncGenerator<JournalRecord> {
  const now = () => runs.find(run.runId) ?? run;
  if (releasedSeq(now()) > afterSeq) await journal.recall(new Map([[run.number, afterSeq]]));
  try {
    yield* recordsAfter(journal, run.number, afterSeq);
  } finally {
    // As far as it is released now: a store that lost some of them meanwhile has to get them again.
    journal.release(run.number, releasedSeq(now()));
  }
}
