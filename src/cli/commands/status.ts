import type { ServiceError } from "@grpc/grpc-js";
import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import type { Lane, ListLanesResponse, Status } from "../../gen/stepwell/v1/daemon.js";
import { counted } from "../../model/counted.js";
import type { Context } from "../context.js";
import { callError, unreachable } from "../daemon/call-error.js";
import { connect } from "../daemon/connect.js";
import type { Connection } from "../daemon/find-daemon.js";
import { homeFault } from "../daemon/home-fault.js";
import type { OutputOptions } from "../input/options.js";
import { isTroubled, laneStateWord } from "../output/lane-words.js";
import { type Format, render } from "../output/output.js";
import { statusView } from "../output/views.js";

/** Options of `status`. */
export interface StatusOptions extends OutputOptions {
  readonly check?: true;
  readonly watch?: true;
  readonly all?: true;
}

const WATCH_INTERVAL_MS = 1000;

/** `status`: what is queued, delivered and wrong. */
export async function status(context: Context, options: StatusOptions): Promise<number> {
  const connection = await connect(context);
  try {
    if (options.watch) return await watch(context, connection, options.output);
    const { status } = await connection.call(connection.daemon.getStatus.bind(connection.daemon), {});
    const found = present(status);
    const shown = options.all ? { ...found, lanes: await lanesOf(connection) } : found;
    context.stdout(render({ kind: "record", record: statusView(shown) }, options.output));
    if (shown.lanes.length < found.laneCount) context.stderr(saidOfTheRest(shown));
    if (options.check) check(context, found);
    return EXIT.ok;
  } finally {
    connection.close();
  }
}

/** Every lane that holds entries, of one run or of all. */
export async function lanesOf({ stream, daemon }: Connection, runId = ""): Promise<Lane[]> {
  const lanes: Lane[] = [];
  const take = (piece: ListLanesResponse) => void lanes.push(...piece.lanes);
  await stream(daemon.listLanes.bind(daemon), { runId }, take);
  return lanes;
}

function saidOfTheRest({ lanes, laneCount }: Status): string {
  const rest = counted(laneCount - lanes.length, "more lane holds", "more lanes hold");
  return `${rest} entries; stepwell status --all shows every lane.\n`;
}

/** Throws STEPWELL_DEAD_LETTERS when there are any, else what is wrong with the journal, which is said in any case. */
export function checkLosses(context: Context, status: Status, journal: StepwellError | undefined): void {
  if (status.deadLetters === 0n) {
    if (journal) throw journal;
    return;
  }
  sayFault(context, journal);
  const sentence = `${counted(status.deadLetters, "entry was refused for good and is kept as a dead letter", "entries were refused for good and are kept as dead letters")}.`;
  throw new StepwellError("STEPWELL_DEAD_LETTERS", sentence);
}

/** Says what is wrong beside what ends the command. */
export function sayFault(context: Context, fault: StepwellError | undefined): void {
  if (fault) context.stderr(`${fault.message} ${fault.remedy} [${fault.code}]\n`);
}

/** The part of an answer that every daemon fills. */
export function present<Part extends object>(part: Part | undefined): Part {
  if (part) return part;
  throw new StepwellError("STEPWELL_VERSION_MISMATCH", "The daemon's answer lacks a part.");
}

function check(context: Context, status: Status): void {
  checkLosses(context, status, homeFault(status));
  const troubled = status.lanes.filter(isTroubled);
  if (troubled.length === 0) return;
  const reasons = troubled.map((lane) => `${lane.tracker}: ${lane.lastError || laneStateWord(lane.state)}`);
  throw new StepwellError(
    "STEPWELL_NOT_DRAINED",
    `${counted(status.troubledLaneCount, "lane is", "lanes are")} in trouble: ${[...new Set(reasons)].join("; ")}.`,
  );
}

/** Prints each status until the daemon ends; in json one object a line. */
async function watch(context: Context, connection: Connection, format: Format): Promise<number> {
  const stream = connection.daemon.watchStatus({ intervalMs: WATCH_INTERVAL_MS });
  await new Promise<void>((resolve, reject) => {
    stream.on("data", ({ status }: { status?: Status }) => context.stdout(watched(present(status), format)));
    stream.once("error", (error: ServiceError) => reject(callError(error)));
    stream.once("end", resolve);
  });
  throw unreachable("The daemon has ended.");
}

function watched(status: Status, format: Format): string {
  const record = statusView(status);
  if (format === "json") return `${JSON.stringify(record)}\n`;
  if (format === "yaml") return `---\n${render({ kind: "record", record }, format)}`;
  return `${render({ kind: "record", record }, format)}\n`;
}
