/** A status in one sentence or two, and what is to be done about it. */
import type { Lane, Status } from "../../gen/stepwell/v1/daemon.js";
import { LaneState } from "../../gen/stepwell/v1/daemon.js";
import { counted } from "../../model/counted.js";
import { sizeText } from "../../model/size.js";
import { saidFault } from "../daemon/home-fault.js";
import { countText, spanText } from "./people.js";

/** What a status says first. */
export interface StatusWords {
  readonly sentence: string;
  /** What somebody should look at, each with what to do. */
  readonly notes: readonly { readonly what: string; readonly remedy: string }[];
}

export function statusWords(status: Status): StatusWords {
  const isWhole = status.lanes.length >= status.laneCount;
  const troubles = troublesOf(status.lanes);
  const first = [
    deliveredText(status),
    runsText(status, troubles, isWhole),
    lettersText(status),
    metricsText(status),
  ];
  return {
    sentence: first.filter((text) => text !== "").join(" "),
    notes: [
      ...homeNotes(status),
      ...troubles.map(({ remedy }) => ({ what: "", remedy })),
      ...(status.deadLetters > 0n
        ? [{ what: "", remedy: "See dead letters: stepwell dead-letter list." }]
        : []),
      ...status.trackerWarnings.map(({ tracker, warning }) => ({
        what: `${tracker}: ${warning}`,
        remedy: "",
      })),
      ...status.notices.map((notice) => ({ what: notice, remedy: "" })),
    ].filter(({ what, remedy }) => what !== "" || remedy !== ""),
  };
}

/** Lanes that have the same trouble. */
interface Trouble {
  readonly state: string;
  readonly reason: string;
  readonly remedy: string;
  readonly runs: ReadonlySet<string>;
}

function deliveredText(status: Status): string {
  const { queuedPoints, laneCount, waitingArtifacts, oldestAgeSeconds } = status;
  if (laneCount === 0 && waitingArtifacts === 0)
    return status.runCount === 0 ? "Nothing was logged yet." : "Everything is delivered.";
  const artifacts = `${counted(waitingArtifacts, "artifact")} (${sizeText(Number(status.waitingArtifactBytes))})`;
  const parts = [
    ...(laneCount === 0 ? [] : [pointsText(queuedPoints)]),
    ...(waitingArtifacts === 0 ? [] : [artifacts]),
  ];
  const isOne = parts.length === 1 && (parts[0]?.startsWith("1 ") ?? false);
  const age = oldestAgeSeconds >= 1 ? `, the oldest for ${spanText(oldestAgeSeconds)}` : "";
  return `${parts.join(" and ")} ${isOne ? "waits" : "wait"}${age}.`;
}

/** A run's start and its end wait, too. */
function pointsText(points: bigint): string {
  return points === 0n
    ? "Params, tags or ends of runs"
    : `${countText(points)} ${points === 1n ? "point" : "points"}`;
}

function runsText({ runCount, troubledLaneCount }: Status, troubles: readonly Trouble[], isWhole: boolean) {
  if (runCount === 0) return "";
  const runs = counted(runCount, "run");
  if (troubledLaneCount === 0) return `${runs}.`;
  if (!isWhole) return `${runs}, ${counted(troubledLaneCount, "lane")} in trouble: ${reasonsOf(troubles)}`;
  const states = [...new Set(troubles.map(({ state }) => state))].map((state) => {
    const its = troubles.filter((each) => each.state === state);
    const count = new Set(its.flatMap((each) => [...each.runs])).size;
    return `${count} ${state === "held" ? "held" : "tried again"}: ${reasonsOf(its)}`;
  });
  return `${runs}, ${states.join(" ")}`;
}

function reasonsOf(troubles: readonly Trouble[]): string {
  return troubles.map(({ reason }) => reason).join(" ");
}

function lettersText({ deadLetters }: Status): string {
  if (deadLetters === 0n) return "";
  return `${counted(deadLetters, "entry was refused for good and is kept", "entries were refused for good and are kept")}.`;
}

/** Where the daemon's metrics are; empty: nowhere. */
export function metricsText({ metricsUrl, metricsArePushed }: Status): string {
  const pushed = metricsArePushed ? ["pushed by OTLP"] : [];
  const places = [...(metricsUrl === "" ? [] : [`at ${metricsUrl}`]), ...pushed];
  return places.length === 0 ? "" : `Metrics are ${places.join(" and ")}.`;
}

function homeNotes({ journalError, stateError }: Status) {
  return [journalError, stateError].flatMap((said) => {
    const fault = saidFault(said, "STEPWELL_JOURNAL_FAILED");
    return fault ? [{ what: fault.message, remedy: fault.remedy }] : [];
  });
}

function troublesOf(lanes: readonly Lane[]): Trouble[] {
  const troubles = new Map<string, Trouble & { readonly runs: Set<string> }>();
  for (const { state, tracker, runId, lastError } of lanes) {
    if (state !== LaneState.LANE_STATE_HELD && state !== LaneState.LANE_STATE_RETRYING) continue;
    const word = state === LaneState.LANE_STATE_HELD ? "held" : "retrying";
    const fault = saidFault(lastError, "STEPWELL_INTERNAL");
    const said = fault?.message ?? "the reason is not known.";
    const isNamed = fault?.code === "STEPWELL_TRACKER_UNKNOWN";
    const reason = tracker === "" || isNamed ? said : `${tracker}: ${said}`;
    const known = troubles.get(`${word} ${reason}`);
    if (known) known.runs.add(runId);
    else
      troubles.set(`${word} ${reason}`, {
        ...{ state: word, reason, remedy: fault?.remedy ?? "" },
        runs: new Set([runId]),
      });
  }
  return [...troubles.values()];
}
