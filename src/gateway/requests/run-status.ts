/** Statuses of runs, as programs and MLflow's servers say them. */
import { RunStatus } from "../../gen/stepwell/v1/types.js";
import type { JsonObject } from "./body.js";
import { RequestFault } from "./request-fault.js";
import { numbered } from "./request-message.js";

const STATUS: Readonly<Record<string, RunStatus>> = {
  RUNNING: RunStatus.RUN_STATUS_RUNNING,
  FINISHED: RunStatus.RUN_STATUS_FINISHED,
  FAILED: RunStatus.RUN_STATUS_FAILED,
  KILLED: RunStatus.RUN_STATUS_KILLED,
};

/** MLflow's numbers of them, which are the protocol's, too. */
const readStatus = numbered({ RUNNING: 1, SCHEDULED: 2, FINISHED: 3, FAILED: 4, KILLED: 5 });

/** The status of that name; undefined for one that no run is given here. */
export function statusNamed(name: string): RunStatus | undefined {
  return STATUS[name];
}

/** A status as a program says it; undefined where it says none. Throws for one that there is not. */
export function statusOf({ status }: JsonObject): RunStatus | undefined {
  if (status === undefined || status === null) return undefined;
  const number = readStatus(status, "status");
  const found = Object.values(STATUS).find((each) => Number(each) === number);
  if (found !== undefined) return found;
  // What no status is called MLflow's server leaves out, and says that all is well.
  throw new RequestFault("INVALID_PARAMETER_VALUE", `A run can't have the status ${JSON.stringify(status)}.`);
}
