/** What a batch does to a run in the run book, without its batch. */
import type { RunEnd, RunStart } from "../../src/model/run.js";
import type { Run } from "../../src/runs/run.js";
import type { RunBook } from "../../src/runs/run-book.js";
import { started } from "../../src/runs/run-start.js";

export async function startRun(
  book: RunBook,
  runId: string,
  start: RunStart,
  askedTrackers: readonly string[] = [],
): Promise<Run> {
  return await changed(book, runId, (run) => started(book, run, start, askedTrackers));
}

export async function endRun(book: RunBook, runId: string, { status, endTimeMs }: RunEnd): Promise<Run> {
  return await changed(book, runId, (run) => ({ ...run, status, endTimeMs }));
}

/** Whether the run went to the archive. */
export async function archiveRun(book: RunBook, runId: string): Promise<boolean> {
  let isArchived = false;
  await book.archive([runId], () => {
    isArchived = true;
  });
  return isArchived;
}

async function changed(book: RunBook, runId: string, change: (run: Run) => Run): Promise<Run> {
  const { run } = await book.change(runId, async (before) => ({
    run: change(before),
    rows: [],
    value: undefined,
  }));
  if (!run) throw new Error("the run was not made");
  return run;
}
