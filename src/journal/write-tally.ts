import { Durations } from "../model/durations.js";

/** What the journal did since the daemon began: plain numbers, for whoever exports them. */
export class WriteTally {
  /** Of each group, from its turn until it was on disk. */
  readonly fsyncs = new Durations();
  /** Writes after which the journal had to be opened anew. */
  failures = 0;
}
