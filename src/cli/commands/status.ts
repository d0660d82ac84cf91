import type { ServiceError } from "@grpc/grpc-js";
import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import type { Lane, ListLanesResponse, Status } from "../../gen/stepwell/v1/daemon.js";
import { counted } from "../../model/counted.js";
import type { Context } from "../context.js";
import { callError, unreachable } from "../daemon/call-error.js";
import { type Connection, notRunning } from "../daemon/find-daemon.js";
import { homeFault } from "../daemon/home-fault.js";
import { presentDaemon } from "../daemon/present-daemon.js";
import type { OutputOptions } from "../input/options.js";
import type { Answer } from "../output/answer.js";
import { isTroubled, laneStateWord } from "../output/lane-words.js";
import { type Format, isForPeople, jsonText, render, showAnswer } from "../output/output.js";
import { paragraph } from "../output/paragraph.js";
import { visible } from "../output/people.js";
import { Redraw } from "../output/redraw.js";
import { statusWords } from "../output/status-words.js";
import { statusView } from "../output/views.js";
import { absentSentence, absentStatus } from "./no-daemon.js";

/** Options of `status`. */
export interface StatusOptions extends OutputOptions {
  readonly check?: true;
  readonly watch?: true;
  readonly all?: true;
  readonly verbose?: true;
}

const WATCH_INTERVAL_MS = 1000;

/** `status`: what is queued, delivered and wrong. It starts no daemon and makes no home. */
export async function status(context: Context, options: StatusOptions): Promise<number> {
  const connection = await presentDaemon(context);
  if (!connection) return await sayAbsence(context, options.output);
  try {
    if (options.watch) return await watch(context, connection, options);
    const { status } = await connection.call(connection.daemon.getStatus.bind(connection.daemon), {});
    const found = present(status);
    const shown = options.all ? { ...found, lanes: await lanesOf(connection) } : found;
    context.stdout(await statusText(context, shown, options));
    if (shown.lanes.length < found.laneCount && isDetailed(context, options))
      context.stderr(saidOfTheRest(shown));
    if (options.check) check(context, found);
    return EXIT.ok;
  } finally {
    connection.close();
  }
}

/** Tells of a home without a daemon what can be told. Throws STEPWELL_DAEMON_UNREACHABLE behind it. */
async function sayAbsence(context: Context, format: Format): Promise<never> {
  if (!context.env["STEPWELL_ENDPOINT"]) {
    const sentence = absentSentence(context);
    if (!isForPeople(format))
      await showAnswer(context, { kind: "record", record: absentStatus(context) }, format);
    else if (sentence !== "") context.stdout(paragraph(context, sentence));
  }
  throw notRunning(context);
}

/** People read a sentence and what is to be done; on a terminal the rest comes when it is asked for. */
async function statusText(context: Context, shown: Status, options: StatusOptions): Promise<string> {
  const record: Answer = { kind: "record", record: statusView(shown) };
  if (options.output !== "fitted") return await render(record, options.output, context.screen);
  const { sentence, notes } = statusWords(shown);
  // A command that is broken in two can't be pasted: the terminal wraps it as it likes.
  const said = notes.map(({ what, remedy }) =>
    [what === "" ? "" : paragraph(context, what, "  "), remedy === "" ? "" : `  ${visible(remedy)}\n`].join(
      "",
    ),
  );
  const words = `${paragraph(context, sentence)}${[...new Set(said)].join("")}`;
  if (!isDetailed(context, options)) return words;
  return `${words}\n${await render(record, "fitted", context.screen)}`;
}

/** Whether the details come with the sentence: where they are asked for, and to a program. */
function isDetailed({ screen }: Context, { output, verbose, all }: StatusOptions): boolean {
  return output !== "fitted" || screen === undefined || verbose === true || all === true;
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
  if (fault) context.stderr(`${visible(fault.message)} ${visible(fault.remedy)} [${fault.code}]\n`);
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

/** Shows each status until the daemon ends, in the place of the one before; in json one object a line. */
async function watch(context: Context, connection: Connection, options: StatusOptions): Promise<number> {
  const drawing = new Redraw(context.stdout, options.output === "fitted" ? context.screen : undefined);
  const stream = connection.daemon.watchStatus({ intervalMs: WATCH_INTERVAL_MS });
  // One after the other: the format's own code may have to be loaded first.
  let drawn = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    stream.on("data", ({ status }: { status?: Status }) => {
      drawn = drawn.then(async () => drawing.draw(await watched(context, present(status), options)));
      drawn.catch(reject);
    });
    stream.once("error", (error: ServiceError) => reject(callError(error)));
    stream.once("end", resolve);
  });
  await drawn;
  throw unreachable("The daemon has ended.");
}

async function watched(context: Context, status: Status, options: StatusOptions): Promise<string> {
  const record = statusView(status);
  if (options.output === "json") return `${jsonText(record, 0)}\n`;
  const text = await statusText(context, status, options);
  if (options.output === "yaml") return `---\n${text}`;
  return options.output === "fitted" && context.screen ? text : `${text}\n`;
}
