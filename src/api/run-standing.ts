/** How a run stands at all of its trackers: the worst of its lanes, and one sentence for people. */
import { type LaneReport, worstFirst } from "../flush/lane-reports.js";
import { LaneState } from "../gen/stepwell/v1/daemon.js";
import type { Run as RunMessage } from "../gen/stepwell/v1/runs.js";
import { counted } from "../model/counted.js";
import { LANE_STATES } from "./lane-states.js";

/** Trackers that a sentence tells of. */
const TRACKERS_TOLD = 3;

/** What a run's lanes that hold entries come to; nothing waits where there are none. */
export function standingOf(lanes: readonly LaneReport[]): Pick<RunMessage, "state" | "reason"> {
  const [worst] = worstFirst(lanes);
  return worst
    ? { state: LANE_STATES[worst.state], reason: worst.lastError }
    : { state: LaneState.LANE_STATE_UNSPECIFIED, reason: "" };
}

/** What is delivered, or waits and why. */
export function sayStanding(
  { journaledPoints, deliveries }: Pick<RunMessage, "journaledPoints" | "deliveries">,
  lanes: readonly LaneReport[],
): string {
  const waiting = worstFirst(lanes).slice(0, TRACKERS_TOLD);
  if (waiting.length > 0) return waiting.map(sayLane).join(" ");
  const trackers = deliveries.map(({ tracker }) => tracker).join(", ");
  if (trackers === "") return "Nothing was logged.";
  if (journaledPoints === 0n) return `It is delivered to ${trackers}.`;
  return `${counted(journaledPoints, "point is", "points are")} delivered to ${trackers}.`;
}

function sayLane({ tracker, queuedPoints, lastError }: LaneReport): string {
  const what = (one: string, many: string) =>
    queuedPoints === 0
      ? `What was logged last ${one}`
      : counted(queuedPoints, `point ${one}`, `points ${many}`);
  if (lastError === "") return `${what("is", "are")} on disk, on the way to ${tracker || "a tracker"}.`;
  return `${what("waits", "wait")} on disk for ${tracker || "a tracker"}: ${lastError}`;
}
