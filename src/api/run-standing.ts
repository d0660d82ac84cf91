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
  const isWhole = refused === 0;
  const stands =
    waiting.length > 0 ? waiting.map((lane) => sayLane(lane, isWhole)).join(" ") : sayDelivered(run, isWhole);
  if (isWhole) return stands;
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

/** What of a lane is there, and what waits. Where some of the run was refused nobody knows how many points are there. */
function sayLane(lane: LaneReport, isWhole: boolean): string {
  const { queuedPoints, lastError } = lane;
  const there = isWhole ? lane.deliveredPoints : 0;
  const tracker = lane.tracker || "a tracker";
  const isOne = queuedPoints <= 1;
  const waits = isOne ? "waits on disk" : "wait on disk";
  const goes = isOne ? "is on disk, on the way" : "are on disk, on the way";
  if (there === 0) {
    const what = queuedPoints === 0 ? "What was logged last" : counted(queuedPoints, "point");
    return lastError === ""
      ? `${what} ${goes} to ${tracker}.`
      : `${what} ${waits} for ${tracker}: ${lastError}`;
  }
  const all = counted(there + queuedPoints, "point");
  const delivered = `${queuedPoints === 0 ? all : `${there} of ${all}`} ${there === 1 ? "is" : "are"}`;
  const rest = queuedPoints === 0 ? "what else was logged" : isOne ? "the other one" : "the others";
  const stands = lastError === "" ? `${goes}.` : `${waits}: ${lastError}`;
  return `${delivered} delivered to ${tracker}; ${rest} ${stands}`;
}
