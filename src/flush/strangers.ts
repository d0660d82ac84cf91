/**
 * Runs of the journal that the run book does not have among those that go on. Nearly always they
 * are in the archive, delivered in full. One that is nowhere was lost with a damaged state store:
 * its records become dead letters, with the run's id that each of them holds.
 *
 * Clients log meanwhile: a run may come back from the archive at any time, and what comes for it is
 * no stranger's.
 */
import type { Journal } from "../journal/journal.js";
import type { JournalRecord } from "../journal/record.js";
import { viewBatch } from "../model/batch-view.js";
import type { Log } from "../model/log.js";
import type { DeadLetters } from "../runs/dead-letters.js";
import { releasedSeq } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import type { FlushTally } from "./flush-tally.js";
import { letterOfRecord, PARK_READ, pointsOf } from "./letters.js";

export interface StrangerOptions {
  readonly journal: Journal;
  readonly runs: RunBook;
  readonly deadLetters: DeadLetters;
  readonly log: Log;
  /** Counts what is parked. */
  readonly tally?: FlushTally;
}

const WHY = {
  code: "STEPWELL_RUN_UNKNOWN",
  reason: "The state store, which was damaged, knows this run no more.",
} as const;

/** A gap has no run's id in it; all other records have it. */
const ID_READ = { points: 1, texts: 1, records: 8 };

/** Forgets what was delivered, and parks the rest; where no letter may be parked, it stays in the journal. */
export async function settleStrangers(options: StrangerOptions, numbers: readonly number[]): Promise<void> {
  const { journal, runs } = options;
  for (const number of numbers) {
    const isKnown = await runs.isArchived(await idOf(journal, number), number);
    if (!isKnown && !runs.byNumber(number) && !(await park(options, number))) continue;
    // A journal that failed shows nothing: once it is open again, all this is asked again.
    if (journal.failure) return;
    const back = runs.byNumber(number);
    journal.release(number, back ? releasedSeq(back) : Number.MAX_SAFE_INTEGER);
    if (!back) journal.forget(number);
  }
}

/** The id of the run with that number; undefined where the journal has no record of it but gaps. */
async function idOf(journal: Journal, number: number): Promise<string | undefined> {
  for (let seq = 0; ; ) {
    const records = await journal.read(number, seq, ID_READ);
    const last = records.at(-1);
    const found = records.map(runIdOf).find((id) => id !== undefined);
    if (found !== undefined || !last) return found;
    seq = last.seq;
  }
}

/** Parks what the journal has of a run, a piece at a time; answers whether it parked all. */
async function park({ journal, deadLetters, log, tally }: StrangerOptions, number: number): Promise<boolean> {
  for (let seq = 0; ; ) {
    if (deadLetters.fullness) return false;
    const records = await journal.read(number, seq, PARK_READ);
    const last = records.at(-1);
    if (!last) return true;
    const letters = records.flatMap((record) => {
      const runId = runIdOf(record);
      return runId === undefined ? [] : [letterOfRecord(runId, "", record, WHY)];
    });
    log("error", "entries of a run that is not known are dead letters now", { records: letters.length });
    await deadLetters.park(letters);
    if (tally) tally.of("").parkedPoints += records.reduce((sum, record) => sum + pointsOf(record), 0);
    seq = last.seq;
  }
}

function runIdOf(record: JournalRecord): string | undefined {
  return record.isGap ? undefined : viewBatch(record.payload).runId;
}
