import type { LaneReport } from "../flush/lane-reports.js";
import { LaneState } from "../gen/stepwell/v1/daemon.js";

/** States of lanes as messages have them. */
export const LANE_STATES: Readonly<Record<LaneReport["state"], LaneState>> = {
  idle: LaneState.LANE_STATE_IDLE,
  flushing: LaneState.LANE_STATE_FLUSHING,
  waiting: LaneState.LANE_STATE_WAITING,
  retrying: LaneState.LANE_STATE_RETRYING,
  held: LaneState.LANE_STATE_HELD,
};
