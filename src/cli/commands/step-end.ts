/** Tells the daemon how a step ended; where that takes long, leaves a note of it in the home. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type StepwellError, toStepwellError } from "../../errors/stepwell-error.js";
import { RunStatus } from "../../gen/stepwell/v1/types.js";
import { makeFolder } from "../../home/durable-folder.js";
import { STEP_NOTES, type StepEndNote } from "../../home/end-note.js";
import { replaceFile } from "../../home/replace-file.js";
import { type Deadline, deadlineAfter, sleep } from "../../home/wait.js";
import { RUN_END_PROMPT_MS, RUN_END_WAIT_MS, RUN_END_WITHOUT_NOTE_MS } from "../../model/limits.js";
import type { Context } from "../context.js";
import { connect } from "../daemon/connect.js";

/** How a step ended, now. */
export type StepEnd = Omit<StepEndNote, "endTimeMs">;

/** Tells it, also to a daemon that has to be started again. Throws nothing. */
export async function tellEnd(context: Context, end: StepEnd): Promise<void> {
  const waitMs = mayLeaveNote(context) ? RUN_END_WAIT_MS : RUN_END_WITHOUT_NOTE_MS;
  const telling = keepTelling(context, end, deadlineAfter(waitMs));
  // The pause is no reason for the command to live on.
  const pause = setTimeout(RUN_END_PROMPT_MS, undefined, { ref: false });
  const isPrompt = await Promise.race([telling.then((fault) => !fault), pause]);
  if (isPrompt) return;
  // From here on the end is known, whatever becomes of this process.
  const note = mayLeaveNote(context) ? await leaveNote(context, end) : undefined;
  const fault = await telling;
  if (!fault && note) await rm(note, { force: true });
  if (!fault) return;
  const left = note ? ` The daemon will find it in ${note}.` : "";
  context.stderr(`error: the run's end could not be told: ${fault.message} [${fault.code}]${left}\n`);
}

/** What it ended with, if not well. */
async function keepTelling(
  context: Context,
  end: StepEnd,
  deadline: Deadline,
): Promise<StepwellError | undefined> {
  for (;;) {
    const fault = await tell(context, end).then(() => undefined, toStepwellError);
    if (!fault || fault.row.retry === "never" || deadline.leftMs() === 0) return fault;
    await sleep(500);
  }
}

async function tell(context: Context, { stepRunId, pipelineRunId, status }: StepEnd): Promise<void> {
  const connection = await connect(context);
  try {
    const request = { stepRunId, pipelineRunId, status: RunStatus[`RUN_STATUS_${status}`], endTimeMs: 0n };
    await connection.call(connection.steps.finishStep.bind(connection.steps), request);
  } finally {
    connection.close();
  }
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
