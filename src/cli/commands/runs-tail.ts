/** `stepwell runs tail`: how one run comes on, each second. */

import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { type Lane, LaneState } from "../../gen/stepwell/v1/daemon.js";
import type { Run } from "../../gen/stepwell/v1/runs.js";
import { sleep } from "../../home/wait.js";
import { counted } from "../../model/counted.js";
import { END_STATUS } from "../../model/end-status.js";
import type { Context } from "../context.js";
import type { Connection } from "../daemon/find-daemon.js";
import { getRun } from "../daemon/logged-run.js";
import { withDaemon } from "../daemon/with-daemon.js";
import type { OutputOptions } from "../input/options.js";
import type { Column, PlainRecord } from "../output/answer.js";
import { laneStateWord } from "../output/lane-words.js";
import { listAnswer } from "../output/list-answer.js";
import { type Format, render } from "../output/output.js";
import { visible } from "../output/table.js";
import { runStatusName } from "../output/views.js";
import { lanesOf } from "./status.js";

const INTERVAL_MS = 1_000;
const COLUMNS: readonly Column[] = [
  "run_id",
  "status",
  "journaled_points",
  "tracker",
  "state",
  "delivered_points",
  "queued_points",
  "oldest_age_seconds",
  "last_error",
].map((key) => ({ key }));

/**
 * `tail [RUN]`, of the newest run without one: a line for each tracker and second, in json an object a
 * line, until the run has ended and every tracker has all of it.
 */
export async function tail(context: Context, runId: string, options: OutputOptions): Promise<number> {
  return withDaemon(context, async (connection) => {
    const write = writerOf(context, options.output);
    const id = runId === "" ? await newestRun(connection) : runId;
    for (;;) {
      const run = await getRun(connection, id);
      const lanes = await lanesOf(connection, run.runId);
      for (const record of recordsOf(run, lanes)) write(record);
      if (END_STATUS[run.status] && lanes.length === 0) return EXIT.ok;
      await sleep(INTERVAL_MS);
    }
  });
}

/** Without an order the newest run comes first. */
const NEWEST = { filters: [], anyFilter: false, sortBy: "", descending: false, offset: 0, limit: 1 };

async function newestRun({ runs, call }: Connection): Promise<string> {
  const [newest] = (await call(runs.listRuns.bind(runs), { options: NEWEST })).runs;
  if (newest) return newest.runId;
  throw new StepwellError("STEPWELL_RUN_UNKNOWN", "There are no runs yet.");
}

/** What stands where: for each tracker, or for the run alone while it has none. */
function recordsOf(run: Run, lanes: readonly Lane[]): PlainRecord[] {
  const whole = {
    run_id: run.runId,
    status: runStatusName(run.status),
    journaled_points: Number(run.journaledPoints),
  };
  const trackers = new Set([...run.deliveries, ...lanes].map(({ tracker }) => tracker));
  return [...(trackers.size > 0 ? trackers : [""])].map((tracker) => {
    const lane = lanes.find((each) => each.tracker === tracker);
    const delivery = run.deliveries.find((each) => each.tracker === tracker);
    return {
      ...whole,
      tracker,
      state: laneStateWord(lane?.state ?? LaneState.LANE_STATE_IDLE),
      delivered_points: Number(delivery?.deliveredPoints ?? 0n),
      queued_points: Number(lane?.queuedPoints ?? 0n),
      oldest_age_seconds: lane?.oldestAgeSeconds ?? 0,
      last_error: lane?.lastError ?? "",
    };
  });
}

/** Writes records one by one; people get a line of words. */
function writerOf(context: Context, format: Format): (record: PlainRecord) => void {
  switch (format) {
    case "json":
      return (record) => context.stdout(`${JSON.stringify(record)}\n`);
    case "yaml":
      return (record) => context.stdout(`---\n${render({ kind: "record", record }, format)}`);
    case "csv":
    case "tsv": {
      const rows = listAnswer(COLUMNS, format, context.stdout);
      return (record) => rows.add([record]);
    }
    case "table":
      return (record) => context.stdout(lineOf(record));
  }
}

function lineOf(record: PlainRecord): string {
  const text = (key: string) => {
    const value = record[key];
    return visible(typeof value === "string" ? value : JSON.stringify(value));
  };
  const counts = `${text("delivered_points")} of ${counted(Number(record["journaled_points"]), "point")} delivered, ${text("queued_points")} queued`;
  const error = record["last_error"] === "" ? "" : `: ${text("last_error")}`;
  return `${text("status")}  ${text("tracker") || "-"}  ${counts}, ${text("state")}${error}\n`;
}
