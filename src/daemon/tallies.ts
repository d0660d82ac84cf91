import { FlushTally } from "../flush/flush-tally.js";
import { IntakeTally } from "../ingest/intake-tally.js";
import { WriteTally } from "../journal/write-tally.js";
import { LeaseTally } from "../leases/lease-tally.js";

/** What the daemon's parts count, since it began. */
export interface Tallies {
  readonly writes: WriteTally;
  readonly intake: IntakeTally;
  readonly flush: FlushTally;
  readonly leases: LeaseTally;
}

export function newTallies(): Tallies {
  return {
    writes: new WriteTally(),
    intake: new IntakeTally(),
    flush: new FlushTally(),
    leases: new LeaseTally(),
  };
}
