/** Step runs and pipeline runs as messages. */
import type {
  PipelineRun as PipelineRunMessage,
  StepRun as StepRunMessage,
  StepTracking as StepTrackingMessage,
} from "../gen/stepwell/v1/steps.js";
import { RunStatus } from "../gen/stepwell/v1/types.js";
import { type PipelineRun, type StepRun, type StepTracking, statusOf } from "../leases/pipeline-run.js";
import type { BackendRuns } from "../runs/backend-runs.js";
import type { RunBook } from "../runs/run-book.js";
import { placeOf } from "./run-place.js";

/** Whom a message about steps asks. */
export interface StepSources {
  readonly runs: RunBook;
  readonly backendRuns: BackendRuns;
}

/** A pipeline run as clients see it. */
export async function pipelineRunOf(sources: StepSources, run: PipelineRun): Promise<PipelineRunMessage> {
  return {
    pipelineRunId: run.pipelineRunId,
    pipelineName: run.pipelineName,
    runName: run.runName,
    status: RunStatus[`RUN_STATUS_${statusOf(run).status}`],
    startTimeMs: BigInt(run.startMs),
    steps: await Promise.all(run.steps.map((step) => stepOf(sources, step))),
  };
}

/** A step run as clients see it. */
export async function stepOf(sources: StepSources, step: StepRun): Promise<StepRunMessage> {
  const { state } = step;
  const status = state.kind === "running" ? "RUNNING" : state.kind === "lost" ? "KILLED" : state.status;
  return {
    stepRunId: step.stepRunId,
    stepName: step.stepName,
    invocationId: step.invocationId,
    status: RunStatus[`RUN_STATUS_${status}`],
    startTimeMs: BigInt(step.startMs),
    endTimeMs: BigInt(state.kind === "running" ? 0 : state.endMs),
    endReason: state.kind === "lost" ? state.reason : "",
    trackings: await Promise.all(step.trackings.map((tracking) => trackingOf(sources, tracking))),
  };
}

/** Where a step logs to, with what its backend has told by now. */
export async function trackingOf(sources: StepSources, tracking: StepTracking): Promise<StepTrackingMessage> {
  const { tracker, trackerId, runId, parentRunId, experimentName } = tracking;
  const { runs, backendRuns } = sources;
  const run = await runs.known(runId);
  // While the journal is full the run of a step that began is not known yet.
  const target = run?.targets?.find((each) => each.trackerId === trackerId);
  return {
    ...{ tracker, runId, parentRunId, experimentName },
    ...(target ? await placeOf(backendRuns, runId, target) : NO_PLACE),
    mlflowTrackingUri: "",
  };
}

const NO_PLACE = { mlflowRunId: "", mlflowExperimentId: "", experimentTrackerUrl: "" };
