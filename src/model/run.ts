import type { EndStatus } from "./end-status.js";

/** MLflow's status of a run. */
export type RunStatus = "RUNNING" | "SCHEDULED" | EndStatus;

/** What creates a run at a backend. */
export interface RunStart {
  readonly experimentName: string;
  readonly runName: string;
  /** Milliseconds since 1970. */
  readonly startTimeMs: number;
  readonly user: string;
  readonly sourceName: string;
  /** Our id of the run that this one is a child of; empty: none. */
  readonly parentRunId: string;
  /** Whether its client goes on with a run that somebody began: a server may have it under this id. */
  readonly goesOn?: boolean;
  /** Whether it has no tags but its name's and those that are logged. */
  readonly hasOwnTags?: boolean;
  /** The workspace of its server that it is in; absent: the default one. */
  readonly workspace?: string;
}

/** What ends a run, or goes on with one that had ended. */
export interface RunEnd {
  readonly status: "RUNNING" | EndStatus;
  /** Milliseconds since 1970; 0: nothing is said of it, and one that ends keeps the time that it has. */
  readonly endTimeMs: number;
}
