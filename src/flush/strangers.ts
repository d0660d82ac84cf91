/**
 * Runs of the journal that the run book does not have among those that go on. Nearly always they
 * are in the archive, delivered in full. One that is nowhere was lost with a damaged state store:
 * its records become dead letters, with the run's id that each of them holds.
 */
import type { Journal } from "../journal/journal.js";
import { viewBatch } from "../model/batch-view.js";
import type { Log } from "../model/log.js";
import type { DeadLetters } from "../state/dead-letters.js";
import type { RunBook } from "../state/run-book.js";
import { letterOfRecord } from "./letters.js";

export interface StrangerOptions {
  readonly journal: Journal;
  readonly runs: RunBook;
  readonly deadLetters: DeadLetters;
  readonly log: Log;
}

const READ = { points: 100_000, texts: 10_000, records: 1_000 };
const WHY = {
  code: "STEPWELL_RUN_UNKNOWN",
  reason: "The state store, which was damaged, knows this run no more.",
} as const;

/** Forgets what was delivered, and parks the rest; where no letter may be parked, it stays in the journal. */
export async function settleStrangers(options: StrangerOptions, numbers: readonly number[]): Promise<void> {
  const { journal, runs } = options;
  const archived = await runs.archivedAmong(new Set(numbers));
  for (const number of numbers) {
    if (!archived.has(number) && !(await park(options, number))) continue;
    journal.release(number, Number.MAX_SAFE_INTEGER);
    journal.forget(number);
  }
}

async function park({ journal, deadLetters, log }: StrangerOptions, number: number): Promise<boolean> {
  for (let seq = 0; ; ) {
    if (deadLetters.fullness) return false;
    const records = (await journal.read(number, seq, READ)).filter((record) => record.seq > seq);
    const last = records.at(-1);
    if (!last) return true;
    const letters = records.flatMap((record) => {
      const runId = record.isGap ? undefined : viewBatch(record.payload).runId;
      return runId === undefined ? [] : [letterOfRecord(runId, "", record, WHY)];
    });
    log("error", "entries of a run that is not known are dead letters now", { records: letters.length });
    await deadLetters.park(letters);
    seq = last.seq;
  }
}
