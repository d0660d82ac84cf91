import { StepwellError } from "../../errors/stepwell-error.js";
import type { Run } from "../../gen/stepwell/v1/runs.js";
import type { Context } from "../context.js";
import { connect } from "./connect.js";

/** The run to log to: the one that is named by its id or the beginning of it, else that of `stepwell run`. */
export async function findLoggedRun(context: Context, named: string | undefined): Promise<Run> {
  const runId = named ?? context.env["STEPWELL_RUN_ID"];
  if (!runId)
    throw new StepwellError("STEPWELL_RUN_MISSING", "No run is named, and this is not inside of one.");
  const connection = await connect(context);
  try {
    const { run } = await connection.call(connection.runs.getRun.bind(connection.runs), { runId });
    if (!run) throw new StepwellError("STEPWELL_RUN_UNKNOWN", `There is no run ${runId}.`);
    return run;
  } finally {
    connection.close();
  }
}
