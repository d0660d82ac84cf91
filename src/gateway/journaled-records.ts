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
  const giveBack = await recalled(journal, runs, [run], afterSeq);
  try {
    yield* recordsAfter(journal, run.number, afterSeq);
  } finally {
    giveBack();
  }
}

/**
 * Makes what the journal keeps of runs readable by recordsAfter, until what it resolves to is called. Once for many runs:
 * whole segments come back for one and go again.
 */
export async function recalled(
  journal: Pick<Journal, "recall" | "release">,
  runs: Pick<RunBook, "find">,
  some: readonly Run[],
  afterSeq = 0,
): Promise<() => void> {
  const releasedNow = (run: Run) => releasedSeq(runs.find(run.runId) ?? run);
  const wanted = some.filter((run) => releasedNow(run) > afterSeq);
  const giveBack = () => {
    // As far as it is released now: a store that lost some of them meanwhile has to get them again.
    for (const run of some) journal.release(run.number, releasedNow(run));
  };
  if (wanted.length === 0) return giveBack;
  try {
    await journal.recall(new Map(wanted.map(({ number }) => [number, afterSeq])));
  } catch (error) {
    giveBack();
    throw error;
  }
  return giveBack;
}
