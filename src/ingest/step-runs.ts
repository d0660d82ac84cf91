/**
 * Step runs: brings what steps begin, end or lose to the MLflow runs that they share.
 *
 * A change is on disk, with a note of what the journal does not know yet, before anything is
 * journaled; after a crash the note is worked off again, which changes nothing where it was
 * done: a run's start counts once, and of its tags and status the last word counts. One
 * change follows the other, so that steps that begin at once share one run.
 */
import { StepwellError } from "../errors/stepwell-error.js";
import { RunStatus } from "../gen/stepwell/v1/types.js";
import type { Clock } from "../model/clock.js";
import { type ProcessId, processKey } from "../model/process.js";
import type { PipelineBook } from "../state/pipeline-book.js";
import {
  type PipelineRun,
  type StepRun,
  type StepState,
  type StepTracking,
  statusOfRun,
  usesOf,
  withState,
  withStep,
} from "../state/pipeline-run.js";
import type { Door } from "./door.js";
import { END_REASON_TAG, type HeldLease, type LeaseKeeper } from "./lease-watch.js";

/** A step that begins, with everything decided. */
export interface NewStep extends Omit<StepRun, "state"> {
  readonly pipelineRunId: string;
  readonly pipelineName: string;
  readonly runName: string;
}

export interface StepRunsOptions {
  readonly door: Pick<Door, "enter">;
  readonly book: PipelineBook;
  readonly clock: Clock;
}

export class StepRuns implements LeaseKeeper {
  readonly #options: StepRunsOptions;
  #changing: Promise<unknown> = Promise.resolve();

  constructor(options: StepRunsOptions) {
    this.#options = options;
  }

  /** Works off what an earlier daemon did not journal. */
  async resume(): Promise<void> {
    await this.#serially(async () => {
      for (const run of this.#options.book.live()) await this.#settle(run);
    });
  }

  /** Begins a step run; one that is known already goes on. */
  async start(step: NewStep): Promise<StepRun> {
    return await this.#serially(async () => {
      const { pipelineRunId, pipelineName, runName, ...rest } = step;
      const before = await this.#settled(pipelineRunId);
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
        pending: undefined,
        reasons: [],
      };
      const begun: StepRun = { ...rest, state: RUNNING };
      await this.#write(withStep(before ?? empty, begun));
      return begun;
    });
  }

  /** Ends a step run. Throws STEPWELL_STEP_UNKNOWN. */
  async finish(pipelineRunId: string, stepRunId: string, state: StepState): Promise<StepRun> {
    return await this.#serially(async () => {
      const run = await this.#settled(pipelineRunId);
      const step = run?.steps.find((each) => each.stepRunId === stepRunId);
      if (run && step) return await this.#change(run, step, state);
      throw new StepwellError("STEPWELL_STEP_UNKNOWN", `There is no step run ${JSON.stringify(stepRunId)}.`);
    });
  }

  *held(): Iterable<HeldLease> {
    for (const { pipelineRunId, steps } of this.#options.book.live()) {
      for (const { process, stepRunId, state } of steps) {
        if (!process || state.kind !== "running") continue;
        const lose = async (reason: string) => {
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

  /** Changes a step that is still in the expected state once its turn has come. */
  async #changeWhile(
    kind: StepState["kind"],
    pipelineRunId: string,
    stepRunId: string,
    state: StepState,
  ): Promise<void> {
    await this.#serially(async () => {
      const run = await this.#settled(pipelineRunId);
      const step = run?.steps.find((each) => each.stepRunId === stepRunId);
      if (run && step?.state.kind === kind) await this.#change(run, step, state);
    });
  }

  async #change(run: PipelineRun, step: StepRun, state: StepState): Promise<StepRun> {
    await this.#write(withState(run, step.stepRunId, state));
    return { ...step, state };
  }

  async #settled(pipelineRunId: string): Promise<PipelineRun | undefined> {
    const run = await this.#options.book.find(pipelineRunId);
    return run?.pending ? await this.#settle(run) : run;
  }

  async #write(run: PipelineRun): Promise<void> {
    await this.#options.book.put(run);
    await this.#settle(run);
  }

  /** Journals what is pending. */
  async #settle(run: PipelineRun): Promise<PipelineRun> {
    const { pending } = run;
    const step = run.steps.find(({ stepRunId }) => stepRunId === pending?.stepRunId);
    if (!pending || !step) return run;
    const reasons = new Set(run.reasons);
    const isStart = pending.kind === "start";
    await Promise.all(
      step.trackings.flatMap((tracking) => {
        const { runId, parentRunId } = tracking;
        const touched = parentRunId === "" ? [runId] : [parentRunId, runId];
        return touched.map(async (each) => {
          const begin = isStart ? beginningOf(run, step, tracking, each) : {};
          await this.#options.door.enter({ ...begin, ...standingOf(run, each, reasons), runId: each });
        });
      }),
    );
    const settled = { ...run, pending: undefined, reasons: [...reasons] };
    // Unsynced: what is pending after a crash is journaled again.
    await this.#options.book.put(settled, { sync: false });
    return settled;
  }

  async #serially<Value>(change: () => Promise<Value>): Promise<Value> {
    const result = this.#changing.then(change);
    this.#changing = result.catch(() => undefined);
    return await result;
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

/** How a run stands after a change; notes in `reasons` whether its reason tag is set. */
function standingOf(run: PipelineRun, runId: string, reasons: Set<string>) {
  const { status, endMs, reason } = statusOfRun(run, runId);
  const hadReason = reasons.delete(runId);
  const isFirst = status === "RUNNING" && usesOf(run, runId).length === 1 && !hadReason;
  if (reason !== "") reasons.add(runId);
  return {
    removedTags: hadReason && reason === "" ? [END_REASON_TAG] : [],
    ...(reason === "" ? {} : { tags: [{ key: END_REASON_TAG, value: reason }] }),
    // A run that begins is running without being told.
    ...(isFirst ? {} : { runEnd: { status: RunStatus[`RUN_STATUS_${status}`], endTimeMs: BigInt(endMs) } }),
  };
}
