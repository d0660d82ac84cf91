/** Writes what a program wrote so far into the home now and then, so that it is not lost with this command. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { StepTracking } from "../../gen/stepwell/v1/steps.js";
import { makeFolder } from "../../home/durable-folder.js";
import { writeLeftOutput } from "../../home/left-output.js";
import { processMark } from "../../home/process-identity.js";
import { withoutPass } from "./keep-output.js";
import type { ProgramOutput } from "./program-output.js";

/** How long after the one before. */
const WRITE_MS = 1_000;
/** The same where it is long, which costs a disk something. */
const WRITE_LONG_MS = 10_000;
const LONG_BYTES = 512 * 1024;

export interface OutputDraft {
  /** Ends it; nothing is left of it. */
  readonly end: () => Promise<void>;
}

/** Begins to write; nothing at all of a program that wrote nothing, or that ends at once. */
export function draftOutput(
  folder: string,
  { runId, tracker, mlflowTrackingUri }: StepTracking,
  { soFar }: ProgramOutput,
): OutputDraft {
  if (!soFar) return { end: async () => undefined };
  const path = join(folder, `${runId}.output`);
  const head = { process: { ...processMark(), pid: process.pid }, runId, tracker };
  let [writtenBytes, hasWritten, isOver] = [0, false, false];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  const write = async () => {
    const { bytes, count } = soFar();
    if (count === writtenBytes) return arm(WRITE_MS);
    hasWritten = true;
    try {
      await makeFolder(folder);
      await writeLeftOutput(path, head, withoutPass(bytes(), mlflowTrackingUri));
      writtenBytes = count;
    } catch {
      // As on a full disk: it is tried again, and costs the program nothing.
    }
    arm(count > LONG_BYTES ? WRITE_LONG_MS : WRITE_MS);
  };
  const arm = (ms: number) => {
    if (isOver) return;
    timer = setTimeout(() => {
      writing = write();
    }, ms).unref();
  };
  arm(WRITE_MS);
  return {
    end: async () => {
      isOver = true;
      clearTimeout(timer);
      await writing;
      if (hasWritten) await rm(path, { force: true }).catch(() => undefined);
    },
  };
}
