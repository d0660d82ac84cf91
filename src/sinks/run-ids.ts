import type { BackendRun } from "../model/target.js";

/** Where the ids that a backend gives to runs are kept: the daemon's state store. */
export interface RunIds {
  /** What is known of a run there; undefined: it was never asked for. */
  find(runId: string): Promise<BackendRun | undefined>;
  /** Keeps it; on disk when it resolves. */
  keep(runId: string, value: BackendRun | undefined): Promise<void>;
  /** Keeps those of many runs, with one write. */
  keepAll(values: ReadonlyMap<string, BackendRun>): Promise<void>;
  /** Our id of a run, by that or by one that a server gave it; an id that is not known stays as it is. */
  ownId(runId: string): Promise<string>;
  /** Whether the run goes to this backend, so that it will have an id there. */
  isExpected(runId: string): boolean;
}
