/** `stepwell runs tail`: how one run comes on, each second. */

import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { type Lane, LaneState } from "../../gen/stepwell/v1/daemon.js";
import type { GetRunDataResponse, Run } from "../../gen/stepwell/v1/runs.js";
import { sleep } from "../../home/wait.js";
import { counted } from "../../model/counted.js";
import { END_STATUS } from "../../model/end-status.js";
import type { Context } from "../context.js";
import type { Connection } from "../daemon/find-daemon.js";
import { getRun } from "../daemon/logged-run.js";
import { getRunData } from "../daemon/run-data.js";
import { askDaemon } from "../daemon/with-daemon.js";
import type { OutputOptions } from "../input/options.js";
import type { Column, PlainRecord } from "../output/answer.js";
import { laneStateWord } from "../output/lane-words.js";
import { listAnswer } from "../output/list-answer.js";
import { type Format, jsonText, render } from "../output/output.js";
import { valueText, visible } from "../output/people.js";
import { Redraw } from "../output/redraw.js";
import { metricValues, runText } from "../output/run-views.js";
import { runStatusName } from "../output/views.js";
import { lanesOf } from "./status.js";

const INTERVAL_MS = 1_000;
/** Fewer than the usual terminal has. */
const ROWS_MAX = 22;
const CURVES = { curves: 20, curvePoints: 80 };
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
  "metrics",
].map((key) => ({ key }));

/**
 * `tail [RUN]`, of the newest run without one: on a terminal the run as `runs show` has it, drawn over itself; else a line
 * for each tracker and second, in json an object a line. It ends when the run has ended and every tracker has all of it.
 */
export async function tail(context: Context, runId: string, options: OutputOptions): Promise<number> {
  return askDaemon(context, async (connection) => {
    const screen = options.output === "fitted" ? context.screen : undefined;
    const write = await writerOf(context, options.output);
    const drawing = new Redraw(context.stdout, screen);
    const id = runId === "" ? await newestRun(connection) : runId;
    let data: GetRunDataResponse | undefined;
    let asked = "";
    for (;;) {
      const run = await getRun(connection, id);
      const lanes = await lanesOf(connection, run.runId);
      // A tracker is asked when there is something new only.
      const state = `${run.status} ${run.journaledPoints} ${lanes.length}`;
      if (state !== asked) data = await getRunData(connection, run.runId, screen ? CURVES : {});
      asked = state;
      if (screen) drawing.draw(fittingRows(runText(run, lanes, data, screen)));
      else for (const record of recordsOf(run, lanes, data)) await write(record);
      if (END_STATUS[run.status] && lanes.length === 0) return EXIT.ok;
      await sleep(INTERVAL_MS);
    }
  });
}

/** What is longer than a screen can't be drawn over. */
function fittingRows(text: string): string {
  const lines = text.split("\n");
  return lines.length <= ROWS_MAX ? text : `${lines.slice(0, ROWS_MAX - 1).join("\n")}\n`;
}

/** Without an order the newest run comes first. */
const NEWEST = { filters: [], anyFilter: false, sortBy: "", descending: false, offset: 0, limit: 1 };

async function newestRun({ runs, call }: Connection): Promise<string> {
  const [newest] = (await call(runs.listRuns.bind(runs), { options: NEWEST, filter: "", orderBy: [] })).runs;
  if (newest) return newest.runId;
  throw new StepwellError("STEPWELL_RUN_UNKNOWN", "There are no runs yet.");
}

/** What stands where: for each tracker, or for the run alone while it has none. */
function recordsOf(run: Run, lanes: readonly Lane[], data: GetRunDataResponse | undefined): PlainRecord[] {
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
      metrics: data ? metricValues(data) : null,
    };
  });
}

/** Writes records one by one; people get a line of words. */
async function writerOf(
  context: Context,
  format: Format,
): Promise<(record: PlainRecord) => Promise<void> | void> {
  switch (format) {
    case "json":
      return (record) => context.stdout(`${jsonText(record, 0)}\n`);
    case "yaml":
      return async (record) =>
        context.stdout(`---\n${await render({ kind: "record", record }, format, context.screen)}`);
    case "csv":
    case "tsv": {
      const rows = await listAnswer(COLUMNS, format, context);
      return (record) => rows.add([record]);
    }
    case "table":
    case "fitted":
      return (record) => context.stdout(lineOf(record));
  }
}

/** Metrics in a line. */
const VALUES_MAX = 6;

function lineOf(record: PlainRecord): string {
  const text = (key: string) => {
    const value = record[key];
    return visible(typeof value === "string" ? value : JSON.stringify(value));
  };
  const counts = `${text("delivered_points")} of ${counted(Number(record["journaled_points"]), "point")} delivered, ${text("queued_points")} queued`;
  const error = record["last_error"] === "" ? "" : `: ${text("last_error")}`;
  const logged = Object.entries((record["metrics"] ?? {}) as Record<string, number | string>)
    .slice(0, VALUES_MAX)
    .map(([key, value]) => `  ${visible(key)}=${valueText(value)}`);
  return `${text("status")}  ${text("tracker") || "-"}  ${counts}, ${text("state")}${error}${logged.join("")}\n`;
}
