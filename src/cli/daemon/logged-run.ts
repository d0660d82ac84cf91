import { StepwellError } from "../../errors/stepwell-error.js";
import type { Run } from "../../gen/stepwell/v1/runs.js";
import type { Context } from "../context.js";
import type { Connection } from "./find-daemon.js";
import { withDaemon } from "./with-daemon.js";

/** The run of this id, or the beginning of it. Throws STEPWELL_RUN_UNKNOWN or STEPWELL_NAME_AMBIGUOUS. */
export async function getRun({ runs, call }: Connection, runId: string): Promise<Run> {
  const { run } = await call(runs.getRun.bind(runs), { runId });
  if (!run) throw new StepwellError("STEPWELL_RUN_UNKNOWN", `There is no run ${runId}.`);
  return run;
}

/** The run to log to: the one that is named by its id or the beginning of it, else that of `stepwell run`. */
export async function findLoggedRun(context: Context, named: string | undefined): Promise<Run> {
  const runId = named ?? context.env["STEPWELL_RUN_ID"];
  if (!runId)
    throw new StepwellError("STEPWELL_RUN_MISSING", "No run is named, and this is not inside of one.");
  return await withDaemon(context, (connection) => getRun(connection, runId));
}
