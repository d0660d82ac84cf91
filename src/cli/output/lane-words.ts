/** How a lane's state is written for people and programs. */
import { type Lane, LaneState } from "../../gen/stepwell/v1/daemon.js";

const STATES: Readonly<Record<number, string>> = {
  [LaneState.LANE_STATE_IDLE]: "idle",
  [LaneState.LANE_STATE_FLUSHING]: "flushing",
  [LaneState.LANE_STATE_WAITING]: "waiting",
  [LaneState.LANE_STATE_RETRYING]: "retrying",
  [LaneState.LANE_STATE_HELD]: "held",
};

/** "idle", "flushing", "waiting" (for the run's start), "retrying" or "held". */
export function laneStateWord(state: number): string {
  return STATES[state] ?? `state ${state}`;
}

/** Whether something stands in the lane's way. */
export function isTroubled({ state }: Pick<Lane, "state">): boolean {
  return state === LaneState.LANE_STATE_HELD || state === LaneState.LANE_STATE_RETRYING;
}
