/**
 * Open runs (runs/run-start.ts) that nothing happened to for a while: they are placed then, so that people see that their
 * programs run. Until a program begins its first run it may still be the one.
 */
import type { Clock } from "../model/clock.js";
import { OPEN_RUN_WAIT_MS } from "../model/limits.js";
import type { Log } from "../model/log.js";
import type { Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import { offer } from "../runs/run-start.js";
import { WaitingRuns } from "./waiting-runs.js";

export interface OpenRunsOptions {
  readonly runs: RunBook;
  readonly clock: Clock;
  readonly log: Log;
  /** Called with a run that was placed. */
  readonly onPlaced: (run: Run) => void;
}

export function openRuns({ runs, clock, log, onPlaced }: OpenRunsOptions): WaitingRuns {
  return new WaitingRuns({
    clock,
    waitMs: OPEN_RUN_WAIT_MS,
    deal: async (runId) => {
      const run = await offer(runs, runId);
      if (run) onPlaced(run);
      return "done";
    },
    onFault: (error) =>
      log("warn", "a run that nothing is logged to can't be placed yet", { reason: String(error) }),
  });
}
