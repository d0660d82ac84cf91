/**
 * How runs begin. One may be left open: a program may still say which experiment its run is of. An open run has begun
 * and goes nowhere, so that no tracker makes it in the wrong place; it is placed by the first run that its program
 * begins, or by whatever is logged to it first. Where neither comes for long it is placed all the same, in the experiment
 * that its program asked for last, and offered: the program's first run in that experiment is still this one.
 */
import type { RunStart } from "../model/run.js";
import { hasEnded, type Run } from "./run.js";
import type { RunBook } from "./run-book.js";

type Resolves = Pick<RunBook, "resolved">;
type Changes = Pick<RunBook, "resolved" | "change" | "find">;

/** A run with its start; a second one changes nothing. Its end may have come first, as into a home that took another's place. */
export function started(runs: Resolves, run: Run, start: RunStart, askedTrackers: readonly string[]): Run {
  if (run.start) return run;
  const targets = run.isOpen ? undefined : runs.resolved(askedTrackers);
  const status = hasEnded(run) ? run.status : "RUNNING";
  return { ...run, start, askedTrackers, targets, status };
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

/** Says which experiment a run is of that is open, or offered in it; false where it is neither, or no more. */
export async function place(runs: Changes, runId: string, experimentName: string): Promise<boolean> {
  const known = runs.find(runId);
  if (!known?.isOpen && !known?.isOffered) return false;
  return (await changed(runs, runId, (run) => taken(runs, run, experimentName))) !== undefined;
}

/** The program of an open run asked for an experiment: that is where it is placed unless the program says otherwise. */
export async function suggest(runs: Changes, runId: string, experimentName: string): Promise<void> {
  if (!runs.find(runId)?.isOpen) return;
  await changed(runs, runId, (run) => {
    if (!run.isOpen || !run.start || run.start.experimentName === experimentName) return run;
    return { ...run, start: { ...run.start, experimentName } };
  });
}

/** Places an open run where its start says, and offers it; undefined where it is not open, or no more. */
export async function offer(runs: Changes, runId: string): Promise<Run | undefined> {
  if (!runs.find(runId)?.isOpen) return undefined;
  return await changed(runs, runId, (run) => {
    const after = placed(runs, run);
    return after === run ? run : { ...after, isOffered: true };
  });
}

function taken(runs: Resolves, run: Run, experimentName: string): Run {
  if (!run.isOffered) return placed(runs, run, experimentName);
  const { isOffered: _, ...rest } = run;
  return run.start?.experimentName === experimentName && !hasEnded(run) ? rest : run;
}

/** The run as it is now; undefined where it stays as it was. */
async function changed(runs: Changes, runId: string, to: (run: Run) => Run): Promise<Run | undefined> {
  const { run, value } = await runs.change(runId, async (before) => {
    const after = to(before);
    return { run: after === before ? undefined : after, rows: [], value: after !== before };
  });
  return value ? run : undefined;
}
