/**
 * Ranks of a distributed job that take part in one run. Each says by a tag of the run, `stepwell.rank.N`, that it takes
 * part, and how it ended. The first rank, 0, holds the run's lease, too, and its end is the run's. What such a tag says:
 *
 *   RUNNING              it takes part; the process that says so is watched
 *   RUNNING on HOST      the same, on another machine than rank 0
 *   anything else        it is over: FINISHED, FAILED, or KILLED, which the daemon says of a process that is gone
 */
import type { TextView } from "../model/batch-view.js";
import type { ProcessId } from "../model/process.js";

const RANK_TAG = /^stepwell\.rank\.(0|[1-9][0-9]{0,6})$/;
const JOINS = "RUNNING";
/** Ranks of a run that are watched; further ones only have their tags. */
export const RANKS_MAX = 4_096;

/** A process that takes part in a run as one of its ranks. */
export interface RankLease {
  readonly rank: number;
  readonly process: ProcessId;
  /** Whether rank 0 is of the same machine, so that it is this daemon's, too. */
  readonly isWithFirst: boolean;
}

/** What a batch says of a rank. */
export interface RankChange {
  readonly rank: number;
  readonly joins: boolean;
  readonly isWithFirst: boolean;
}

/** The tag that says how a rank stands. */
export function rankTag(rank: number): string {
  return `stepwell.rank.${rank}`;
}

/** What tags say of ranks, in their order: of one rank the last word counts. */
export function rankChangesOf(tags: readonly TextView[]): RankChange[] {
  return tags.flatMap(({ key, value }) => {
    const rank = RANK_TAG.exec(key ?? "")?.[1];
    if (rank === undefined || value === undefined) return [];
    return [{ rank: Number(rank), joins: value.startsWith(JOINS), isWithFirst: value === JOINS }];
  });
}
