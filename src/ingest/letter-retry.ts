/**
 * A second try for dead letters: their entries are journaled again, as new records of
 * their runs, and the letters go once those are on disk.
 *
 * New records are addressed to the tracker that refused, so that no other gets anything
 * again. A crash between the journal's fsync and the letters' removal leaves the letters
 * there, and they may be sent twice: only a backend that appends shows it.
 */
import { StepwellError, toStepwellError } from "../errors/stepwell-error.js";
import { appended, type NewRecord } from "../journal/append.js";
import type { Journal } from "../journal/journal.js";
import { encodeBatch, headOf, pointsIn, viewBatch } from "../model/batch-view.js";
import type { Clock } from "../model/clock.js";
import { GROUP_BYTES_MAX } from "../model/limits.js";
import type { DeadLetters, LetterSelection, LetterSums, ParkedLetter } from "../runs/dead-letters.js";
import { furthestPosition, type Run, withPointsAgain } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import type { IntakeTally } from "./intake-tally.js";

export interface LetterRetryOptions {
  readonly journal: Journal;
  readonly runs: RunBook;
  readonly deadLetters: DeadLetters;
  readonly clock: Clock;
  readonly tally?: IntakeTally;
}

/** What became of the chosen letters. */
export interface RetryReport {
  readonly retried: LetterSums;
  /** Letters that stay, with the reason. */
  readonly kept: readonly { readonly number: number; readonly fault: StepwellError }[];
}

/** Sends letters again. Throws STEPWELL_DEAD_LETTER_UNKNOWN, with nothing done. */
export async function retryLetters(
  options: LetterRetryOptions,
  selection: LetterSelection,
): Promise<RetryReport> {
  const kept: { number: number; fault: StepwellError }[] = [];
  let retried: LetterSums = { letters: 0, entries: 0 };
  await options.deadLetters.takeEach(selection, GROUP_BYTES_MAX, async (letters) => {
    const ready: ParkedLetter[] = [];
    for (const letter of letters) {
      const fault = await faultOf(options, letter);
      if (fault) kept.push({ number: letter.number, fault });
      else ready.push(letter);
    }
    try {
      await journalAgain(options, ready);
    } catch (error) {
      const fault = toStepwellError(error);
      kept.push(...ready.map(({ number }) => ({ number, fault })));
      return [];
    }
    const entries = ready.reduce((sum, letter) => sum + letter.entries, 0);
    retried = { letters: retried.letters + ready.length, entries: retried.entries + entries };
    return ready;
  });
  return { retried, kept };
}

/** Why a letter can't be sent, if that is so. */
async function faultOf(
  { runs }: LetterRetryOptions,
  letter: ParkedLetter,
): Promise<StepwellError | undefined> {
  if (letter.payload === "") return new StepwellError("STEPWELL_RECORD_DAMAGED", letter.reason);
  try {
    const run = runs.find(letter.runId) ?? (await runs.get(letter.runId));
    if (run.start) return undefined;
    const sentence = `The run ${letter.runId} has not begun; its letters can be sent once it has.`;
    return new StepwellError("STEPWELL_RUN_UNKNOWN", sentence);
  } catch (error) {
    return toStepwellError(error);
  }
}

/** Journals what the letters hold; it is on disk when this resolves. */
async function journalAgain(options: LetterRetryOptions, letters: readonly ParkedLetter[]): Promise<void> {
  if (letters.length === 0) return;
  const { journal, runs } = options;
  const full = await journal.checkRoom();
  if (full) throw full;
  const runIds = [...new Set(letters.map((letter) => letter.runId))];
  // Or a run could go to the archive again before it has them.
  const held = runIds.map((runId) => runs.holds.take(runId));
  try {
    for (const runId of runIds) await runs.touch(runId);
    await appendAgain(options, letters);
  } finally {
    for (const letGo of held) letGo();
  }
}

async function appendAgain(
  { journal, runs, clock, tally }: LetterRetryOptions,
  letters: readonly ParkedLetter[],
): Promise<void> {
  const receivedMs = clock.nowMs();
  const records = letters.flatMap((letter) => {
    const run = runs.find(letter.runId);
    if (!run) return [];
    journal.adopt(run.number, furthestPosition(run));
    return [recordOf(run, letter, receivedMs)];
  });
  await appended(journal, records);
  for (const { payload } of records) if (tally) tally.retriedPoints += pointsIn(viewBatch(payload).columns);
  await countAgain(runs, letters);
}

/** Their points wait again, and were counted as done when they were refused. */
async function countAgain(runs: RunBook, letters: readonly ParkedLetter[]): Promise<void> {
  for (const runId of new Set(letters.map((letter) => letter.runId)))
    await runs.change(runId, async (before) => {
      const { seq } = runs.journaled(before);
      let run = before;
      for (const letter of letters.filter((each) => each.runId === runId)) {
        const { points } = headOf(viewBatch(Buffer.from(letter.payload, "base64")));
        if (points === 0) continue;
        const { trackerId } = targetOf(run, letter) ?? {};
        const trackerIds =
          trackerId === undefined ? (run.targets ?? []).map((each) => each.trackerId) : [trackerId];
        for (const id of trackerIds) run = withPointsAgain(run, id, { seq, points });
      }
      return { run, rows: [], value: undefined };
    });
}

function targetOf({ targets }: Run, { tracker }: ParkedLetter) {
  return targets?.find((target) => target.tracker === tracker);
}

function recordOf(run: Run, letter: ParkedLetter, receivedMs: number): NewRecord {
  const onlyTrackerId = targetOf(run, letter)?.trackerId ?? "";
  const batch = { ...viewBatch(Buffer.from(letter.payload, "base64")), onlyTrackerId };
  const payload = encodeBatch(batch);
  // Its points were counted when they came first: a run and its deliveries have each point once in their sums.
  return { run: run.number, header: { ...headOf(batch), points: 0, receivedMs }, payload };
}
