/** Statuses of runs, as programs and MLflow's servers say them. */
import { RunStatus } from "../../gen/stepwell/v1/types.js";
import type { JsonObject } from "./body.js";
import { RequestFault } from "./request-fault.js";

const STATUS: Readonly<Record<string, RunStatus>> = {
  RUNNING: RunStatus.RUN_STATUS_RUNNING,
  FINISHED: RunStatus.RUN_STATUS_FINISHED,
  FAILED: RunStatus.RUN_STATUS_FAILED,
  KILLED: RunStatus.RUN_STATUS_KILLED,
};

/** The status of that name; undefined for one that no run is given here. */
export function statusNamed(name: string): RunStatus | undefined {
  return STATUS[name];
}

/** A status as a program says it; undefined where it says none. Throws for one that there is not. */
export function statusOf(body: JsonObject): RunStatus | undefined {
  const { status } = body;
  if (status === undefined || status === null) return undefined;
  // protobuf's JSON takes a number for a status, too: RUNNING is the first.
  const name =
    typeof status === "number"
      ? ["", "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"][status]
      : status;
  const found = typeof name === "string" ? statusNamed(name) : undefined;
  if (found !== undefined) return found;
  throw new RequestFault("INVALID_PARAMETER_VALUE", `A run can't have the status ${JSON.stringify(status)}.`);
}
