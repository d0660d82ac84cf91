/** Runs that entries came for and whose start has not arrived: after a while what they have becomes dead letters. */
import type { Journal } from "../journal/journal.js";
import type { Clock } from "../model/clock.js";
import { RUN_START_WAIT_MS } from "../model/limits.js";
import type { Log } from "../model/log.js";
import type { DeadLetters } from "../runs/dead-letters.js";
import { parkedThrough, type Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import type { FlushTally } from "./flush-tally.js";
import { lettersOfRecords, PARK_READ, pointsOf } from "./letters.js";
import { WaitingRuns } from "./waiting-runs.js";

export interface StartlessOptions {
  readonly journal: Journal;
  readonly runs: RunBook;
  readonly deadLetters: DeadLetters;
  readonly clock: Clock;
  readonly log: Log;
  /** Counts what is parked. */
  readonly tally?: FlushTally;
  /** Called when something of a run was parked. */
  readonly onAdvance: (run: Run) => void;
}

export function startlessRuns(options: StartlessOptions): WaitingRuns {
  const { runs, clock, log, deadLetters } = options;
  return new WaitingRuns({
    clock,
    waitMs: RUN_START_WAIT_MS,
    deal: async (runId) => {
      if (deadLetters.fullness) return "later";
      const run = runs.find(runId);
      if (run && !run.start) await park(options, run);
      return "done";
    },
    onFault: (error) => log("error", "entries without a run could not be parked", { reason: String(error) }),
  });
}

async function park(
  { journal, runs, deadLetters, tally, onAdvance }: StartlessOptions,
  run: Run,
): Promise<void> {
  const reason = `The run did not begin within ${RUN_START_WAIT_MS / 1000} s.`;
  const why = { code: "STEPWELL_RUN_UNKNOWN", reason } as const;
  for (let position = parkedThrough(run); ; ) {
    const records = await journal.read(run.number, position.seq, PARK_READ);
    const last = records.at(-1);
    // Its start may have come while it was read.
    if (!last || runs.find(run.runId)?.start) return;
    await deadLetters.park(lettersOfRecords(run.runId, records, position, why));
    if (tally) tally.of("").parkedPoints += records.reduce((sum, record) => sum + pointsOf(record), 0);
    position = last.through;
    runs.park(run.runId, position);
    journal.release(run.number, position.seq);
    onAdvance(runs.find(run.runId) ?? run);
  }
}
