/** Tells the daemon how a step ended; where that takes long, leaves a note of it in the home. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type StepwellError, toStepwellError } from "../../errors/stepwell-error.js";
import { RunStatus } from "../../gen/stepwell/v1/types.js";
import { makeFolder } from "../../home/durable-folder.js";
import { STEP_NOTES, type StepEndNote } from "../../home/end-note.js";
import { replaceFile } from "../../home/replace-file.js";
import { deadlineAfter, sleep } from "../../home/wait.js";
import { RUN_END_PROMPT_MS, RUN_END_WAIT_MS, RUN_END_WITHOUT_NOTE_MS } from "../../model/limits.js";
import type { Context } from "../context.js";
import { findDaemon } from "../daemon/find-daemon.js";
import { withDaemon } from "../daemon/with-daemon.js";
import { visible } from "../output/people.js";

/** How a step ended, now. */
export type StepEnd = Omit<StepEndNote, "endTimeMs">;

/**
 * Tells it, also to a daemon that has to be started again. Resolves to what the daemon says of how the step's runs
 * stand, "" where it could not be told. Throws nothing.
 */
export async function tellEnd(context: Context, end: StepEnd, waitMs = waitOf(context)): Promise<string> {
  const telling = keepTelling(context, end, waitMs);
  // The pause is no reason for the command to live on.
  const pause = setTimeout(RUN_END_PROMPT_MS, undefined, { ref: false });
  const prompt = await Promise.race([telling, pause]);
  if (prompt && !prompt.fault) return prompt.standing;
  // From here on the end is known, whatever becomes of this process.
  const note = mayLeaveNote(context) ? await leaveNote(context, end) : undefined;
  const { fault, standing } = await telling;
  if (!fault && note) await rm(note, { force: true });
  if (!fault) return standing;
  const left = note ? ` The daemon will find it in ${note}.` : "";
  context.stderr(
    `error: the run's end could not be told: ${visible(fault.message)} [${fault.code}]${left}\n`,
  );
  return "";
}

/** What the daemon answered, or why it did not. */
interface Told {
  readonly fault?: StepwellError;
  readonly standing: string;
}

/** What it ended with, if not well. A daemon whose journal grows is waited for: it is busy, and not away. */
async function keepTelling(context: Context, end: StepEnd, waitMs: number): Promise<Told> {
  let deadline = deadlineAfter(waitMs);
  let seen: bigint | undefined;
  for (;;) {
    const told = await tell(context, end).catch((error: unknown) => ({
      fault: toStepwellError(error),
      standing: "",
    }));
    if (!("fault" in told) || told.fault.row.retry === "never") return told;
    const journaled = await journaledPoints(context);
    if (journaled !== undefined && seen !== undefined && journaled > seen) deadline = deadlineAfter(waitMs);
    seen = journaled ?? seen;
    if (deadline.leftMs() === 0) return told;
    await sleep(500);
  }
}

/** How many points the daemon has journaled; undefined where it does not say. */
async function journaledPoints(context: Context): Promise<bigint | undefined> {
  const connection = await findDaemon(context).catch(() => undefined);
  if (!connection) return undefined;
  const { call, daemon } = connection;
  const answer = call(daemon.getStatus.bind(daemon), {}).finally(() => connection.close());
  return answer.then(
    ({ status }) => status?.journaledPoints,
    () => undefined,
  );
}

async function tell(context: Context, { stepRunId, pipelineRunId, status }: StepEnd) {
  return await withDaemon(context, async (connection) => {
    const request = { stepRunId, pipelineRunId, status: RunStatus[`RUN_STATUS_${status}`], endTimeMs: 0n };
    const answer = await connection.call(connection.steps.finishStep.bind(connection.steps), request);
    return { standing: answer.standing };
  });
}

function waitOf(context: Context): number {
  return mayLeaveNote(context) ? RUN_END_WAIT_MS : RUN_END_WITHOUT_NOTE_MS;
}

/** The daemon of a given endpoint may have any home. */
function mayLeaveNote({ env }: Context): boolean {
  return !env["STEPWELL_ENDPOINT"];
}

/** The note's file; undefined where it can't be written. */
async function leaveNote({ paths }: Context, end: StepEnd): Promise<string | undefined> {
  const file = join(paths.stepEndsFolder, STEP_NOTES.fileOf(end.stepRunId));
  try {
    await makeFolder(paths.stepEndsFolder);
    await replaceFile(file, STEP_NOTES.format(end));
    return file;
  } catch {
    // As on a full disk: it is still told as long as there is time.
    return undefined;
  }
}
