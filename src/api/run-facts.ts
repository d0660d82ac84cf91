import type { Run as RunMessage } from "../gen/stepwell/v1/runs.js";
import { RunStatus } from "../gen/stepwell/v1/types.js";
import type { Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";

/** What changes of a run while it goes on. */
export type RunFacts = Pick<
  RunMessage,
  "runName" | "status" | "startTimeMs" | "endTimeMs" | "journaledPoints"
>;

export function runFactsOf(runs: Pick<RunBook, "journaled">, run: Run): RunFacts {
  return {
    runName: run.start?.runName ?? "",
    status: run.status ? RunStatus[`RUN_STATUS_${run.status}`] : RunStatus.RUN_STATUS_UNSPECIFIED,
    startTimeMs: BigInt(run.start?.startTimeMs ?? 0),
    endTimeMs: BigInt(run.endTimeMs),
    journaledPoints: BigInt(runs.journaled(run).points),
  };
}
