import { RUN_NOTES, STEP_NOTES } from "../home/end-note.js";
import type { Door } from "../ingest/door.js";
import type { Clock } from "../model/clock.js";
import type { Log } from "../model/log.js";
import type { BackendRuns } from "../runs/backend-runs.js";
import type { Machine } from "../runs/lease.js";
import type { LeaseBook } from "../runs/lease-book.js";
import type { RunBook } from "../runs/run-book.js";
import { byOwnIds } from "./aliased-notes.js";
import { EndNotes } from "./end-notes.js";
import type { LeaseTally } from "./lease-tally.js";
import { LeaseWatch } from "./lease-watch.js";
import type { PipelineBook } from "./pipeline-book.js";
import { readMachine } from "./process-facts.js";
import { RunLeases } from "./run-leases.js";
import { StepRuns } from "./step-runs.js";

/** What leases are made of. */
export interface LeaseParts {
  readonly door: Door;
  readonly leases: LeaseBook;
  readonly pipelines: PipelineBook;
  readonly runs: RunBook;
  readonly clock: Clock;
  readonly log: Log;
  readonly stepEndsFolder: string;
  readonly leaseReturnMs: number;
  readonly leaseTally: LeaseTally;
  /** A client may know its run by an id that a server gave it. */
  readonly ids: Pick<BackendRuns, "ownId" | "aliasesOf">;
}

/** Steps, and the watch over everybody's leases on this machine. */
export interface Leases {
  readonly steps: StepRuns;
  /** It looks once it is started. */
  readonly watch: LeaseWatch;
  readonly machine: Machine;
}

export function makeLeases(parts: LeaseParts): Leases {
  const { door, leases, pipelines, runs, clock, log, leaseTally: tally } = parts;
  const stepEnds = new EndNotes(parts.stepEndsFolder, STEP_NOTES, log, clock);
  const runEnds = byOwnIds(new EndNotes(parts.stepEndsFolder, RUN_NOTES, log, clock), parts.ids);
  const steps = new StepRuns({ door, runs, book: pipelines, clock, ends: stepEnds, tally });
  const machine = readMachine();
  const keepers = [new RunLeases({ door, book: leases, runs, clock, ends: runEnds, tally }), steps];
  const watch = new LeaseWatch({
    ...{ machine, keepers, log },
    returnMs: parts.leaseReturnMs,
    monotonicMs: () => clock.monotonicMs(),
  });
  return { steps, watch, machine };
}
