/**
 * Takes a receipt at the bundle's home: what it says to be delivered leaves the journal. A receipt is believed no
 * further than this home gave the run away, and as a whole or not at all.
 */
import { type Receipt, type ReceiptRun, readReceipt, refused } from "../bundles/receipt.js";
import type { Dispatcher } from "../flush/dispatcher.js";
import type { Journal } from "../journal/journal.js";
import { factsOf, type Target } from "../model/target.js";
import type { BackendRuns } from "../runs/backend-runs.js";
import type { ExportBook } from "../runs/export-book.js";
import type { HomeHistory } from "../runs/home-history.js";
import { deliveredTo, forgottenBehind, type Run, type RunPosition } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";

/** What a receipt is held against, and what it moves. */
export interface ConfirmParts {
  readonly runs: RunBook;
  readonly journal: Journal;
  readonly history: HomeHistory;
  readonly exports: ExportBook;
  readonly backendRuns: BackendRuns;
  readonly dispatcher: Pick<Dispatcher, "confirmed">;
}

/** What became of a receipt. */
export interface Confirmed {
  readonly number: number;
  readonly runs: number;
  readonly points: number;
  /** Runs that were as far already. */
  readonly runsBefore: number;
}

interface Step {
  readonly run: Run;
  readonly target: Target;
  readonly said: ReceiptRun;
  readonly through: RunPosition;
}

/** Throws STEPWELL_RECEIPT_REFUSED, and nothing is changed. */
export async function confirmReceipt(parts: ConfirmParts, file: string): Promise<Confirmed> {
  const receipt = await readReceipt(file);
  checkHome(parts, receipt);
  const steps: Step[] = [];
  for (const said of receipt.runs) {
    const step = await stepOf(parts, receipt, said);
    if (step) steps.push(step);
  }
  let points = 0;
  for (const step of steps) points += await take(parts, step);
  await parts.runs.secure();
  const runsBefore = receipt.runs.length - steps.length;
  return { number: receipt.number, runs: steps.length, points, runsBefore };
}

function checkHome({ history }: ConfirmParts, { homeId }: Receipt): void {
  const isOurs = homeId === history.homeId || history.newIds.some(({ earlierId }) => earlierId === homeId);
  if (!isOurs) throw refused(`The receipt is of the home ${homeId}, and this one is ${history.homeId}.`);
}

/** What the receipt does to one run; undefined where that is as far already. */
async function stepOf(
  parts: ConfirmParts,
  { trackerId }: Receipt,
  said: ReceiptRun,
): Promise<Step | undefined> {
  const { runs, exports, history } = parts;
  const { runId, cursor } = said;
  const run = await runs.get(runId).catch(() => undefined);
  const target = run?.targets?.find((each) => each.trackerId === trackerId);
  if (!run || !target) throw refused(`The receipt names run ${runId}, which waits for no such tracker here.`);
  const delivered = deliveredTo(run, trackerId);
  if (said.through.seq <= delivered.seq) return undefined;
  if (said.through.seq > exports.exportedSeq(runId, trackerId))
    throw refused(`The receipt says more of run ${runId} than any bundle of this home held.`);
  if (cursor && !history.incarnations.some(({ id }) => id === cursor.incarnation))
    throw refused(`The receipt names a start of a daemon that this home does not know, for run ${runId}.`);
  return { run, target, said, through: await positionAt(parts, run, said) };
}

/** The position as this home counted it: where the journal has the record, its own totals. */
async function positionAt(
  { journal }: ConfirmParts,
  { number }: Run,
  said: ReceiptRun,
): Promise<RunPosition> {
  const { seq, points, bytes } = said.through;
  const [record] = await journal.read(number, seq - 1, { points: 1, texts: 1, records: 1 });
  if (journal.failure) throw journal.failure;
  const through = record?.seq === seq ? record.through : { seq, points, bytes };
  if (through.points !== points)
    throw refused(
      `The receipt counts ${points} points of run ${said.runId}, and this home ${through.points}.`,
    );
  return through;
}

/** Moves a run's lane; answers the points that it got further. */
async function take(parts: ConfirmParts, { run, target, said, through }: Step): Promise<number> {
  const { runs, exports, backendRuns, dispatcher } = parts;
  const { trackerId, backend } = target;
  const { keepsOurIds, runsKey } = factsOf(backend);
  if (said.there && !keepsOurIds) {
    const known = await backendRuns.find(run.runId, runsKey);
    if (known?.kind !== "known") await backendRuns.keep(run.runId, runsKey, { kind: "known", ...said.there });
  }
  const live = runs.find(run.runId);
  // Its tracker may have got further meanwhile by itself.
  const before = live && deliveredTo(live, trackerId);
  if (!live || !before || before.seq >= through.seq) return 0;
  const { seq, points, bytes } = through;
  const forgot = forgottenBehind(before, seq);
  const cursor = said.cursor ?? undefined;
  dispatcher.confirmed(live, target, { seq, points, bytes, cursor, ...(forgot ? { forgot } : {}) });
  await exports.confirmed(run.runId, trackerId, seq);
  return points - before.points;
}
