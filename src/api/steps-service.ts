import { StepwellError } from "../errors/stepwell-error.js";
import type { StartStepRequest, StepsServiceServer, TrackerSettings } from "../gen/stepwell/v1/steps.js";
import { processOf } from "../ingest/process-of.js";
import type { PipelineBook } from "../leases/pipeline-book.js";
import type { StepRun } from "../leases/pipeline-run.js";
import { planStep } from "../leases/step-plan.js";
import type { StepRuns } from "../leases/step-runs.js";
import type { Clock } from "../model/clock.js";
import { END_STATUS } from "../model/end-status.js";
import { codePoints } from "../model/entry-text.js";
import { isId } from "../model/id.js";
import { TAG_VALUE_CODE_POINTS_MAX } from "../model/limits.js";
import { VERSION } from "../model/version.js";
import type { StackBook } from "../stacks/stack-book.js";
import type { KeyedSettings } from "../stacks/tracker-settings.js";
import type { GatewayServiceOptions } from "./gateway-service.js";
import { type RunsServiceOptions, tellRun } from "./runs-service.js";
import { pipelineRunOf, type StepSources, stepOf, trackingOf } from "./step-messages.js";
import { unary, unaryIfWanted } from "./unary.js";

export interface StepsServiceOptions extends StepSources, RunsServiceOptions, GatewayServiceOptions {
  /** A step run ended: its addresses end soon, or with the step run that takes them over. */
  readonly closeGateway: (stepRunId: string, heir: string | undefined) => Promise<void>;
  readonly steps: StepRuns;
  readonly pipelines: PipelineBook;
  readonly stacks: StackBook;
  readonly clock: Clock;
}

/** The tag that every run of a step carries: the version that made it. */
const OWN_TAG = "stepwell";

export function stepsService(options: StepsServiceOptions): StepsServiceServer {
  const { steps, pipelines, stacks, clock, openGateway, closeGateway } = options;
  return {
    startStep: unaryIfWanted(async (request) => {
      checkIds(request.stepRunId, request.pipelineRunId);
      checkNames(request);
      const { trackings, warnings } = planStep(trackersOf(stacks), wishOf(request), { [OWN_TAG]: VERSION });
      const { pipelineRunId, pipelineName, stepRunId, stepName, invocationId, user, sourceName } = request;
      const step = await steps.start({
        ...{ pipelineRunId, pipelineName, stepRunId, stepName, invocationId, user, sourceName, trackings },
        runName: request.pipelineRunName,
        startMs: timeOf(request.startTimeMs, clock),
        process: processOf(request.process, Buffer.from(request.producerId).toString("hex")),
      });
      const messages = step.trackings.map(async (tracking) => {
        const { trackingUri } = await openGateway(tracking.trackerId, stepRunId, tracking.runId);
        return { ...(await trackingOf(options, tracking)), mlflowTrackingUri: trackingUri };
      });
      return { trackings: await Promise.all(messages), warnings: [...warnings] };
    }),
    finishStep: unary(async ({ stepRunId, pipelineRunId, status, endTimeMs }) => {
      checkIds(stepRunId, pipelineRunId);
      const ended = END_STATUS[status];
      if (!ended)
        throw new StepwellError("STEPWELL_STATUS_INVALID", "The status is none that a step ends with.");
      const state = { kind: "ended", status: ended, endMs: timeOf(endTimeMs, clock) } as const;
      const step = await steps.finish(pipelineRunId, stepRunId, state);
      await closeGateway(stepRunId, steps.besides(step));
      return { stepRun: await stepOf(options, step), standing: await standingOf(options, step) };
    }),
    getPipeline: unary(async ({ name }) => ({
      name,
      lastRun: await pipelineRunOf(options, await pipelines.lastRun(name)),
    })),
    getPipelineRun: unary(async ({ pipelineRunId }) => {
      const run = await pipelines.find(pipelineRunId);
      if (run) return { pipelineRun: await pipelineRunOf(options, run) };
      const sentence = `There is no pipeline run ${JSON.stringify(pipelineRunId)}.`;
      throw new StepwellError("STEPWELL_PIPELINE_UNKNOWN", sentence);
    }),
  };
}

/** How a step's runs stand; one that is not known any more is left out. */
async function standingOf(options: StepsServiceOptions, { trackings }: StepRun): Promise<string> {
  const told = trackings.map(({ runId }) => tellRun(options, runId).then(({ standing }) => standing));
  const settled = await Promise.allSettled(told);
  return settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : [])).join(" ");
}

function checkIds(...ids: readonly string[]): void {
  const wrong = ids.find((id) => !isId(id));
  if (wrong !== undefined)
    throw new StepwellError(
      "STEPWELL_RUN_ID_INVALID",
      `${JSON.stringify(wrong)} is no id of a step or its pipeline run.`,
    );
}

function checkNames(request: StartStepRequest): void {
  const { pipelineName, pipelineRunName, stepName, invocationId, user, sourceName } = request;
  const names = [pipelineName, pipelineRunName, stepName, invocationId, user, sourceName];
  if (names.some((name) => codePoints(name) > TAG_VALUE_CODE_POINTS_MAX))
    throw new StepwellError("STEPWELL_VALUE_TOO_LONG", "A name of the step or its pipeline is too long.");
}

function timeOf(timeMs: bigint, clock: Clock): number {
  if (timeMs === 0n) return clock.nowMs();
  if (timeMs > 0n) return Number(timeMs);
  throw new StepwellError("STEPWELL_TIMESTAMP_INVALID", "The time of a step is negative.");
}

function trackersOf(stacks: StackBook) {
  const registered = stacks.components("experiment_tracker");
  const { experimentTrackers } = stacks.active;
  const attached = experimentTrackers.flatMap((id) => registered.find((tracker) => tracker.id === id) ?? []);
  return { attached, registered };
}

function wishOf(request: StartStepRequest) {
  const { pipelineRunId, pipelineName, invocationId } = request;
  const trackers = { all: request.allExperimentTrackers, names: request.experimentTrackers };
  const levels = [request.pipelineSettings.map(settingsOf), request.stepSettings.map(settingsOf)];
  return { pipelineRunId, pipelineName, invocationId, trackers, levels };
}

function settingsOf({ key, experimentName, nested, tags }: TrackerSettings): KeyedSettings {
  return { key, experimentName, nested, tags };
}
