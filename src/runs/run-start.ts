/**
 * How runs begin. One may be left open: a program may still say which experiment its run is of. An open run has begun
 * and goes nowhere, so that no tracker makes it in the wrong place; it is placed by the first run that its program
 * begins, or by whatever is logged to it first.
 */
import type { RunStart } from "../model/run.js";
import type { Run } from "./run.js";
import type { RunBook } from "./run-book.js";

type Resolves = Pick<RunBook, "resolved">;

/** A run with its start; a second one changes nothing. */
export function started(runs: Resolves, run: Run, start: RunStart, askedTrackers: readonly string[]): Run {
  if (run.start) return run;
  const targets = run.isOpen ? undefined : runs.resolved(askedTrackers);
  return { ...run, start, askedTrackers, targets, status: "RUNNING" };
}

/** An open run that is of this experiment, or of the one that its start names; any other is as it is. */
export function placed(runs: Resolves, run: Run, experimentName = run.start?.experimentName): Run {
  if (!run.isOpen || !run.start || experimentName === undefined) return run;
  const { isOpen: _, ...rest } = run;
  return { ...rest, start: { ...run.start, experimentName }, targets: runs.resolved(run.askedTrackers) };
}

/** Leaves a run open that is to begin; one that has begun stays as it is. */
export async function leaveOpen(runs: Pick<RunBook, "change">, runId: string): Promise<void> {
  await runs.change(runId, async (run) => {
    const opened = run.start ? undefined : { ...run, isOpen: true as const };
    return { run: opened, rows: [], value: undefined };
  });
}

/** Says which experiment an open run is of; false where it is not open, or no more. */
export async function place(
  runs: Resolves & Pick<RunBook, "change" | "find">,
  runId: string,
  experimentName: string,
): Promise<boolean> {
  if (!runs.find(runId)?.isOpen) return false;
  const { value } = await runs.change(runId, async (run) => {
    const after = placed(runs, run, experimentName);
    return { run: after === run ? undefined : after, rows: [], value: after !== run };
  });
  return value;
}
