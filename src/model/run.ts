/** MLflow's status of a run. */
export type RunStatus = "RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED";

/** What creates a run at a backend. */
export interface RunStart {
  readonly experimentName: string;
  readonly runName: string;
  /** Milliseconds since 1970. */
  readonly startTimeMs: number;
  readonly user: string;
  readonly sourceName: string;
}

/** What ends a run. */
export interface RunEnd {
  readonly status: "FINISHED" | "FAILED" | "KILLED";
  /** Milliseconds since 1970. */
  readonly endTimeMs: number;
}
