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

/** What is delivered, or waits and why; `refused` are entries that never will be, undefined where nobody counted. */
export function sayStanding(
  run: Pick<RunMessage, "runId" | "journaledPoints" | "deliveries">,
  lanes: readonly LaneReport[],
  refused: number | undefined,
): string {
  const waiting = worstFirst(lanes).slice(0, TRACKERS_TOLD);
  const stands = waiting.length > 0 ? waiting.map(sayLane).join(" ") : sayDelivered(run, refused === 0);
  if (refused === 0) return stands;
  const which =
    refused === undefined ? "Refused entries" : counted(refused, "refused entry", "refused entries");
  return `${stands} ${which}: stepwell dead-letter list --run ${run.runId}.`;
}

function sayDelivered(
  { journaledPoints, deliveries }: Pick<RunMessage, "journaledPoints" | "deliveries">,
  isWhole: boolean,
): string {
  const trackers = deliveries.map(({ tracker }) => tracker).join(", ");
  if (trackers === "") return "Nothing was logged.";
  // Points that were refused are no delivered ones, and nobody says how many they are.
  if (!isWhole) return `What was taken is delivered to ${trackers}.`;
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
