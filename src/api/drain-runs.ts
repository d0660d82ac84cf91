import { StepwellError } from "../errors/stepwell-error.js";
import type { Dispatcher } from "../flush/dispatcher.js";
import type { BackendRuns } from "../runs/backend-runs.js";
import type { RunBook } from "../runs/run-book.js";

/** What a drain of some runs needs. */
export interface DrainRunsParts {
  readonly dispatcher: Pick<Dispatcher, "drain">;
  readonly runs: RunBook;
  readonly backendRuns: BackendRuns;
}

/**
 * Waits until backends have all that was journaled of these runs before the call: lanes of others, which may be held for days,
 * are not waited for. False when the time is over. Throws STEPWELL_RUN_UNKNOWN.
 */
export async function drainRuns(
  { dispatcher, runs, backendRuns }: DrainRunsParts,
  timeoutMs: number,
  runIds: readonly string[],
): Promise<boolean> {
  const ownIds = new Set<string>();
  for (const given of runIds) {
    const runId = await backendRuns.ownId(given);
    const isKnown = await runs.known(runId);
    if (!isKnown) throw new StepwellError("STEPWELL_RUN_UNKNOWN", `There is no run ${runId}.`);
    ownIds.add(runId);
  }
  // Looked for at once: a run that moved on meanwhile is another object. One of the archive is all delivered.
  const live = [...ownIds].map((runId) => runs.find(runId)).filter((run) => run !== undefined);
  return await dispatcher.drain(timeoutMs, live);
}
