/**
 * Step runs: brings what steps begin, end or lose to the MLflow runs that they share.
 *
 * A change is on disk, with what the journal does not know yet, before anything is journaled.
 * While the journal takes nothing, or after a crash, that is worked off later, which changes
 * nothing where it was done: a run's start counts once, and of its tags and status the last
 * word counts. One change follows the other, so that steps that begin at once share one run.
 */
import { StepwellError, toStepwellError } from "../errors/stepwell-error.js";
import { RunStatus } from "../gen/stepwell/v1/types.js";
import type { StepEndNote } from "../home/end-note.js";
import type { Door } from "../ingest/door.js";
import type { Clock } from "../model/clock.js";
import { END_NOTE_MS } from "../model/limits.js";
import { type ProcessId, processKey } from "../model/process.js";
import { Turns } from "../model/turns.js";
import { END_REASON_TAG } from "../runs/lease-book.js";
import type { RunBook } from "../runs/run-book.js";
import { leaveOpen } from "../runs/run-start.js";
import type { EndNotes } from "./end-notes.js";
import type { LeaseTally } from "./lease-tally.js";
import type { HeldLease, LeaseKeeper } from "./lease-watch.js";
import type { PipelineBook } from "./pipeline-book.js";
import {
  type Pending,
  type PipelineRun,
  type StepRun,
  type StepState,
  type StepTracking,
  statusOfRun,
  touchedBy,
  usesOf,
  withoutPending,
  withState,
  withStep,
} from "./pipeline-run.js";

/** A step that begins, with everything decided. */
export interface NewStep extends Omit<StepRun, "state"> {
  readonly pipelineRunId: string;
  readonly pipelineName: string;
  readonly runName: string;
}

export interface StepRunsOptions {
  readonly door: Pick<Door, "enter">;
  readonly runs: Pick<RunBook, "change">;
  readonly book: PipelineBook;
  readonly clock: Clock;
  /** What steps that could not tell it noted of their end. */
  readonly ends: Pick<EndNotes<StepEndNote>, "find" | "before" | "remove">;
  readonly tally: LeaseTally;
}

export class StepRuns implements LeaseKeeper {
  readonly #options: StepRunsOptions;
  readonly #changing = new Turns();

  constructor(options: StepRunsOptions) {
    this.#options = options;
  }

  /** Works off what is not journaled, and what steps left notes of. */
  async resume(): Promise<void> {
    const unsettled = this.#options.book.live().filter(({ pending }) => pending.length > 0);
    const settling = unsettled.map((run) => this.#changing.take(() => this.#settle(run.pipelineRunId)));
    const settled = await Promise.allSettled(settling);
    const { ends, clock } = this.#options;
    for (const note of await ends.before(clock.monotonicMs() - END_NOTE_MS)) await this.#finishAsNoted(note);
    for (const result of settled) if (result.status === "rejected") throw result.reason;
  }

  /** Begins a step run; one that is known already goes on. It is on disk when this resolves. */
  async start(step: NewStep): Promise<StepRun> {
    return await this.#changing.take(async () => {
      const { pipelineRunId, pipelineName, runName, ...rest } = step;
      const before = await this.#options.book.find(pipelineRunId);
      const known = before?.steps.find(({ stepRunId }) => stepRunId === step.stepRunId);
      if (before && known)
        return known.state.kind === "lost" ? await this.#change(before, known, RUNNING) : known;
      const { startMs } = step;
      const empty = {
        pipelineRunId,
        pipelineName,
        runName,
        startMs,
        steps: [],
        pending: [],
        reasons: [],
      };
      const begun: StepRun = { ...rest, state: RUNNING };
      await this.#write(withStep(before ?? empty, begun));
      return begun;
    });
  }

  /** Ends a step run; it is on disk when this resolves. Throws STEPWELL_STEP_UNKNOWN. */
  async finish(pipelineRunId: string, stepRunId: string, state: StepState): Promise<StepRun> {
    return await this.#changing.take(async () => {
      const run = await this.#options.book.find(pipelineRunId);
      const step = run?.steps.find((each) => each.stepRunId === stepRunId);
      if (run && step) return await this.#change(run, step, state);
      throw new StepwellError("STEPWELL_STEP_UNKNOWN", `There is no step run ${JSON.stringify(stepRunId)}.`);
    });
  }

  /** Another step run of the same process that goes on; undefined where there is none. */
  besides({ process, stepRunId }: StepRun): string | undefined {
    if (!process) return undefined;
    const key = processKey(process);
    for (const { steps } of this.#options.book.live()) {
      const other = steps.find(
        (each) =>
          each.state.kind === "running" &&
          each.stepRunId !== stepRunId &&
          each.process !== undefined &&
          processKey(each.process) === key,
      );
      if (other) return other.stepRunId;
    }
    return undefined;
  }

  *held(): Iterable<HeldLease> {
    for (const { pipelineRunId, steps } of this.#options.book.live()) {
      for (const { process, stepRunId, state } of steps) {
        if (!process || state.kind !== "running") continue;
        const lose = async (reason: string) => {
          const note = await this.#options.ends.find(stepRunId);
          if (note) return await this.#finishAsNoted(note);
          this.#options.tally.lost += 1;
          await this.#changeWhile("running", pipelineRunId, stepRunId, {
            kind: "lost",
            reason,
            endMs: this.#options.clock.nowMs(),
          });
        };
        yield { process, lose };
      }
    }
  }

  async regain(process: ProcessId): Promise<void> {
    const key = processKey(process);
    for (const { pipelineRunId, steps } of this.#options.book.recent()) {
      for (const step of steps) {
        if (step.process && processKey(step.process) === key && step.state.kind === "lost")
          await this.#changeWhile("lost", pipelineRunId, step.stepRunId, RUNNING);
      }
    }
  }

  /** Ends a step as its note says. */
  async #finishAsNoted({
    pipelineRunId,
    stepRunId,
    status,
    endTimeMs,
  }: Required<StepEndNote>): Promise<void> {
    try {
      await this.finish(pipelineRunId, stepRunId, { kind: "ended", status, endMs: endTimeMs });
    } catch (error) {
      // Of a step whose begin could not be told no daemon ever heard.
      if (toStepwellError(error).code !== "STEPWELL_STEP_UNKNOWN") throw error;
    }
    await this.#options.ends.remove(stepRunId);
  }

  /** Changes a step that is still in the expected state once its turn has come. */
  async #changeWhile(
    kind: StepState["kind"],
    pipelineRunId: string,
    stepRunId: string,
    state: StepState,
  ): Promise<void> {
    await this.#changing.take(async () => {
      const run = await this.#options.book.find(pipelineRunId);
      const step = run?.steps.find((each) => each.stepRunId === stepRunId);
      if (run && step?.state.kind === kind) await this.#change(run, step, state);
    });
  }

  async #change(run: PipelineRun, step: StepRun, state: StepState): Promise<StepRun> {
    await this.#write(withState(run, step.stepRunId, state));
    return { ...step, state };
  }

  /** Once it is on disk a journal that takes nothing now is no reason to refuse it: see resume(). */
  async #write(run: PipelineRun): Promise<void> {
    await this.#options.book.put(run);
    try {
      await this.#settle(run.pipelineRunId);
    } catch (error) {
      if (toStepwellError(error).row.retry === "never") throw error;
    }
  }

  /** Journals what is pending. */
  async #settle(pipelineRunId: string): Promise<void> {
    const run = await this.#options.book.find(pipelineRunId);
    if (!run || run.pending.length === 0) return;
    for (const pending of run.pending) await this.#enter(run, pending);
    // Unsynced: what is pending after a crash is journaled again.
    await this.#options.book.put(withoutPending(run), { sync: false });
  }

  async #enter(run: PipelineRun, { kind, stepRunId }: Pending): Promise<void> {
    const step = run.steps.find((each) => each.stepRunId === stepRunId);
    if (!step) return;
    const entering = step.trackings.flatMap((tracking) =>
      touchedBy(tracking).map(async (runId) => {
        const beginning = kind === "start" ? beginningOf(run, step, tracking, runId) : NO_BEGINNING;
        if (kind === "start" && tracking.isOpen) await leaveOpen(this.#options.runs, runId);
        const { tags, ...standing } = standingOf(run, runId);
        await this.#options.door.enter({
          ...{ ...beginning, ...standing, runId },
          tags: [...beginning.tags, ...tags],
        });
      }),
    );
    await Promise.all(entering);
  }
}

const RUNNING: StepState = { kind: "running" };

/** What begins one of a step's runs; a start that came before counts. */
function beginningOf(run: PipelineRun, step: StepRun, tracking: StepTracking, runId: string) {
  const isChild = runId !== tracking.parentRunId && tracking.parentRunId !== "";
  return {
    runStart: {
      experimentName: tracking.experimentName,
      runName: isChild ? step.invocationId : run.runName,
      trackers: [tracking.trackerId],
      startTimeMs: BigInt(step.startMs),
      user: step.user,
      sourceName: step.sourceName,
      parentRunId: isChild ? tracking.parentRunId : "",
    },
    tags: Object.entries(tracking.tags).map(([key, value]) => ({ key, value })),
  };
}

const NO_BEGINNING = { runStart: undefined, tags: [] };

/** How a run stands now. */
function standingOf(run: PipelineRun, runId: string) {
  const { status, endMs, reason } = statusOfRun(run, runId);
  const mayHaveReason = run.reasons.includes(runId);
  const isFirst = status === "RUNNING" && usesOf(run, runId).length === 1 && !mayHaveReason;
  return {
    removedTags: mayHaveReason && reason === "" ? [END_REASON_TAG] : [],
    tags: reason === "" ? [] : [{ key: END_REASON_TAG, value: reason }],
    // A run that begins is running without being told.
    ...(isFirst ? {} : { runEnd: { status: RunStatus[`RUN_STATUS_${status}`], endTimeMs: BigInt(endMs) } }),
  };
}
