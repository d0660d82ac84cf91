/** Why lanes wait, for people: a line for each kind of trouble, not for each of ten thousand lanes. */
import type { Lane } from "../../gen/stepwell/v1/daemon.js";
import { laneStateWord } from "./lane-words.js";

/** "held at TRACKER, run RUN and 4 more: REASON", the first run of each reason named. */
export function waitingLines(lanes: readonly Lane[]): string[] {
  const byReason = new Map<string, Lane[]>();
  for (const lane of lanes) {
    const { state, tracker, lastError } = lane;
    const key = JSON.stringify([state, tracker, lastError]);
    byReason.set(key, [...(byReason.get(key) ?? []), lane]);
  }
  return [...byReason.values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    const where = first.tracker === "" ? "" : ` at ${first.tracker}`;
    const why = first.lastError === "" ? "" : `: ${first.lastError}`;
    return [`${laneStateWord(first.state)}${where}, run ${first.runId}${more}${why}`];
  });
}
