import { Durations } from "../model/durations.js";
import type { Outcome } from "../sinks/sink.js";

/** What a relay did since it began: plain numbers, for whoever exports them. */
export class RelayTally {
  groups = 0;
  deliveredPoints = 0;
  /** Packs by what became of them, those that no group had among them. */
  readonly outcomes: Record<Outcome["kind"], number> = {
    ...{ delivered: 0, elsewhere: 0, retry: 0, hold: 0, refused: 0 },
  };
  /** Of each group, from its begin until the backend has answered. */
  readonly commits = new Durations();
}
