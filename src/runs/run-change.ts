import type { Change } from "../store/contract.js";
import type { Run } from "./run.js";

/** What becomes of a run, and what else is written with it. */
export interface RunChange<Value> {
  /** The run as it is to be; undefined: it stays as it is, and a new one is not made. */
  readonly run: Run | undefined;
  /** Rows of other books. Without a changed run they are not synced. */
  readonly rows: readonly Change[];
  /** Called once all is written, before anything else happens to the run. */
  readonly onWritten?: () => void;
  readonly value: Value;
}
