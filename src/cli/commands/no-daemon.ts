/** What is known of a home in which no daemon runs: nothing is opened, made or started for it. */
import { existsSync } from "node:fs";
import { systemClock } from "../../home/clock.js";
import { readEndpoint } from "../../home/endpoint.js";
import { type Farewell, readLastFarewell } from "../../home/farewell.js";
import { counted } from "../../model/counted.js";
import type { Context } from "../context.js";
import type { PlainRecord } from "../output/answer.js";
import { countText, spanText } from "../output/people.js";

/** The fields of a status, as the last daemon left them; null: nobody knows. */
export function absentStatus({ paths }: Pick<Context, "paths">): PlainRecord {
  const left = readLastFarewell(paths);
  const isNew = !existsSync(paths.home);
  const known = (value: number | undefined) => (isNew ? 0 : (value ?? null));
  return {
    running: false,
    home: paths.home,
    home_exists: !isNew,
    version: left?.version ?? readEndpoint(paths)?.version ?? null,
    queued_points: known(left?.queuedPoints),
    queued_bytes: known(left?.queuedBytes),
    oldest_age_seconds: isNew ? 0 : left ? ageSeconds(left) : null,
    delivered_points: known(left?.deliveredPoints),
    dead_letters: known(left?.deadLetters),
    journaled_points: known(left?.journaledPoints),
    run_count: known(left?.runs),
    lane_count: known(left?.lanes),
    lanes: [],
  };
}

/** The same in a sentence; empty where there is nothing to say. */
export function absentSentence({ paths }: Pick<Context, "paths">): string {
  if (!existsSync(paths.home)) return "";
  const left = readLastFarewell(paths);
  if (!left) {
    const wasKilled = existsSync(paths.endpointFile);
    return wasKilled
      ? "The last daemon did not end by itself: what waits is in the journal, and the next one tells."
      : "No daemon has left word of what waits.";
  }
  const age = ageSeconds(left);
  const waits =
    left.lanes === 0
      ? "everything was delivered"
      : `${countText(left.queuedPoints)} ${left.queuedPoints === 1 ? "point" : "points"} of ${counted(left.lanes, "lane")} waited in the journal${age >= 1 ? `, the oldest for ${spanText(age)} by now` : ""}`;
  const letters = left.deadLetters
    ? `; ${counted(left.deadLetters, "dead letter was", "dead letters were")} kept`
    : "";
  const version = left.version === undefined ? "" : ` (${left.version})`;
  return `When the last daemon${version} ended, ${waits}${letters}.`;
}

function ageSeconds({ oldestMs = 0 }: Farewell): number {
  return oldestMs === 0 ? 0 : Math.max(0, systemClock.nowMs() - oldestMs) / 1_000;
}
