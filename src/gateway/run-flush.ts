/** What is answered behind what was logged before: the lanes of its runs have to be empty first. */
import type { Clock } from "../model/clock.js";
import { GATEWAY_FLUSH_MS_MAX } from "../model/limits.js";
import type { Run } from "../runs/run.js";
import type { Absence } from "./absence.js";
import { ApiDown, type TrackerApi } from "./tracker-api.js";

/** Waits until backends have all of some runs; false when the time is over. */
export type Drain = (timeoutMs: number, runs: readonly Run[]) => Promise<boolean>;

export interface FlushParts {
  readonly drain: Drain;
  /** Whether a lane of the run waits after a failure. */
  readonly isTroubled: (runId: string) => boolean;
  readonly clock: Clock;
}

const LOOK_MS = 100;
const GET_EXPERIMENT = "/api/2.0/mlflow/experiments/get";

/** Waits until the tracker has all of these runs. Throws ApiDown where it takes nothing, or too long. */
export async function flushRuns(
  api: TrackerApi,
  runs: readonly Run[],
  { drain, isTroubled, clock }: FlushParts,
): Promise<void> {
  const refusal = api.refusal?.();
  if (refusal) throw refusal;
  const untilMs = clock.monotonicMs() + GATEWAY_FLUSH_MS_MAX;
  // While the tracker takes nothing, waiting helps nobody.
  while (clock.monotonicMs() < untilMs && !runs.some(({ runId }) => isTroubled(runId)))
    if (await drain(LOOK_MS, runs)) return;
  const isSlow = clock.monotonicMs() >= untilMs;
  throw new ApiDown(
    "What was logged is safe, but it has not reached the tracker yet, and this can't be answered before. Ask again later; `stepwell status` says what it waits for.",
    { absence: isSlow ? "lasting" : await absenceOf(api), isUnsent: true },
  );
}

/** Whether a tracker that takes nothing of a run answers at all. */
async function absenceOf(api: TrackerApi): Promise<Absence> {
  return (await awayOf(api))?.absence ?? "new";
}

/** Why a tracker can't be asked; undefined where it answers. */
export async function awayOf(api: TrackerApi): Promise<ApiDown | undefined> {
  try {
    await api.ask("GET", GET_EXPERIMENT, { experiment_id: "0" });
    return undefined;
  } catch (error) {
    return error instanceof ApiDown ? error : undefined;
  }
}
