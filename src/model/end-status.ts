import { RunStatus } from "../gen/stepwell/v1/types.js";

/** How a run or a step ends, as MLflow says it. */
export type EndStatus = "FINISHED" | "FAILED" | "KILLED";

/** The same by the protocol's numbers. */
export const END_STATUS: Readonly<Partial<Record<number, EndStatus>>> = {
  [RunStatus.RUN_STATUS_FINISHED]: "FINISHED",
  [RunStatus.RUN_STATUS_FAILED]: "FAILED",
  [RunStatus.RUN_STATUS_KILLED]: "KILLED",
};
