/**
 * Writes what waits for a tracker into a bundle. Lanes stay where they are; the home notes what it gave away
 * (runs/export-book.ts) before the file has its name.
 */
import { lstat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { BundleWriter } from "../bundles/bundle-writer.js";
import { StepwellError } from "../errors/stepwell-error.js";
import { holeBefore, upToHole } from "../flush/hole.js";
import { BundleProgress, type BundleRun } from "../gen/stepwell/v1/bundles.js";
import type { Journal } from "../journal/journal.js";
import { isFor, viewBatch } from "../model/batch-view.js";
import type { Clock } from "../model/clock.js";
import type { Author, LeftCursor } from "../model/cursor.js";
import { factsOf, type Target } from "../model/target.js";
import { VERSION } from "../model/version.js";
import { endMessage, leftMessage, parentMessages, runMessage, startMessage } from "../model/wire-run.js";
import type { BackendRuns } from "../runs/backend-runs.js";
import type { ExportBook, ExportedLane } from "../runs/export-book.js";
import type { HomeHistory } from "../runs/home-history.js";
import { deliveredTo, type Run, type RunPosition, runEndOf } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import { parentsOf } from "../sinks/parent-tag.js";
import type { StackBook } from "../stacks/stack-book.js";

/** What an export works with. */
export interface ExportParts {
  readonly journal: Journal;
  readonly runs: RunBook;
  readonly history: HomeHistory;
  readonly exports: ExportBook;
  readonly backendRuns: BackendRuns;
  readonly stacks: StackBook;
  readonly clock: Clock;
}

/** What is asked for. */
export interface ExportRequest {
  readonly file: string;
  /** Empty: all. */
  readonly runId: string;
  /** Empty: the active stack's default tracker. */
  readonly tracker: string;
  /** Begins at what is confirmed. */
  readonly again: boolean;
  /** Empty: for anybody. */
  readonly recipient: string;
}

/** Records that are read at a time. */
const READ = { points: 50_000, texts: 5_000, records: 1_000 };

const NOTHING = new Uint8Array(0);

/** One lane from where the bundle has it. */
interface Begun {
  readonly run: Run;
  readonly target: Target;
  readonly from: RunPosition;
  readonly after: LeftCursor | undefined;
  readonly afterBundle: number;
}

/**
 * Resolves to what the file holds; with no runs there is none. Throws STEPWELL_BUNDLE_FILE, STEPWELL_DISK_FULL,
 * STEPWELL_COMPONENT_UNKNOWN, STEPWELL_RUN_UNKNOWN.
 */
export async function exportBundle(
  parts: ExportParts,
  request: ExportRequest,
  say: (progress: BundleProgress) => void,
  signal: AbortSignal,
): Promise<BundleProgress> {
  const { history, exports, stacks, clock } = parts;
  const { file, recipient } = request;
  await refusePresent(file);
  const tracker = stacks.componentOrActive("experiment_tracker", request.tracker);
  const lanes = await lanesOf(parts, request, tracker.id);
  await history.ready();
  const { author, incarnations } = history;
  let progress: BundleProgress = { ...BundleProgress.decode(NOTHING), homeId: author.homeId };
  if (lanes.length === 0) return { ...progress, done: true };
  const number = await exports.nextNumber();
  progress = { ...progress, number: BigInt(number) };
  const head = {
    homeId: author.homeId,
    number: BigInt(number),
    trackerId: tracker.id,
    tracker: tracker.name,
    daemonVersion: VERSION,
    createdMs: BigInt(clock.nowMs()),
    incarnations: incarnations.map(({ id }) => id),
    lanes: [],
  };
  const writer = await BundleWriter.create(file, head, recipient);
  try {
    const given: ExportedLane[] = [];
    for (const begun of lanes) {
      signal.throwIfAborted();
      const through = await writeLane(parts, writer, begun, signal);
      if (!through) continue;
      given.push(exportedLane(begun, through, author));
      const { points, bytes } = progress;
      progress = {
        ...progress,
        runs: progress.runs + 1n,
        points: points + BigInt(through.points - begun.from.points),
        bytes: bytes + BigInt(through.bytes - begun.from.bytes),
      };
      say(progress);
    }
    if (given.length > 0) {
      await writer.finish();
      await exports.begin(given);
      await writer.publish();
      await exports.complete(number, given);
    }
    return { ...progress, done: true };
  } finally {
    await writer.discard();
  }
}

async function refusePresent(file: string): Promise<void> {
  if (!isAbsolute(file)) throw new StepwellError("STEPWELL_USAGE", "The file's path is not absolute.");
  const isThere = await lstat(file).then(
    () => true,
    () => false,
  );
  if (isThere) throw new StepwellError("STEPWELL_BUNDLE_FILE", `${file} is there already.`);
}

/** Lanes with something to give away. */
async function lanesOf(
  { runs, exports, journal, backendRuns }: ExportParts,
  { runId, again }: ExportRequest,
  trackerId: string,
): Promise<Begun[]> {
  if (journal.failure) throw journal.failure;
  const all = runId === "" ? [...runs.live()] : [await runs.get(await backendRuns.ownId(runId))];
  return all.flatMap((run): Begun[] => {
    const target = run.targets?.find((each) => each.trackerId === trackerId);
    if (!target || !run.start || run.isOpen) return [];
    const { cursor, ...delivered } = deliveredTo(run, trackerId);
    const whole = again ? undefined : exports.of(run.runId, trackerId)?.whole;
    const isBehind = whole !== undefined && whole.through.seq > delivered.seq;
    const begun = isBehind
      ? { from: whole.through, after: whole.left, afterBundle: whole.number }
      : { from: delivered, after: cursor, afterBundle: 0 };
    return runs.journaled(run).seq > begun.from.seq ? [{ run, target, ...begun }] : [];
  });
}

/** Writes a lane's records; answers the last one's position, or undefined where there was none to be had. */
async function writeLane(
  parts: ExportParts,
  writer: BundleWriter,
  begun: Begun,
  signal: AbortSignal,
): Promise<RunPosition | undefined> {
  const { journal, runs, backendRuns } = parts;
  const { target, from } = begun;
  const run = runs.find(begun.run.runId) ?? begun.run;
  // What comes later may change how the run ended.
  const end = runs.journaled(run).seq;
  let at = from;
  let last: RunPosition | undefined;
  while (at.seq < end) {
    signal.throwIfAborted();
    const found = await journal.read(run.number, at.seq, READ);
    if (journal.failure) throw journal.failure;
    // What is missing before the first is for the lane to tell; so is all behind it, until it has.
    if (!found[0] || holeBefore(found[0], at)) break;
    for (const record of upToHole(found)) {
      if (record.seq > end) break;
      at = record.through;
      const batch = viewBatch(record.payload);
      if (!isFor(batch, target.trackerId)) continue;
      if (!last) await writer.run(await runMessageOf(parts, { ...begun, run }));
      last = at;
      await writer.record({
        sequence: BigInt(record.seq),
        pointsThrough: BigInt(at.points),
        bytesThrough: BigInt(at.bytes),
        payload: Buffer.from(record.payload),
        parents: parentMessages(await parentsOf(batch.tags, (runId) => backendRuns.ownId(runId))),
      });
    }
    if (at.seq < (found.at(-1)?.seq ?? 0)) break;
  }
  return last;
}

async function runMessageOf({ backendRuns }: ExportParts, begun: Begun): Promise<BundleRun> {
  const { run, target, from, after, afterBundle } = begun;
  const { runId, start } = run;
  const { keepsOurIds, runsKey } = factsOf(target.backend);
  // With our id it tells nothing, least of all at another backend.
  const known = keepsOurIds ? undefined : await backendRuns.find(runId, runsKey);
  const end = runEndOf(run);
  return {
    runId,
    runStart: start && startMessage(start),
    goesOn: start?.goesOn === true,
    runEnd: end && endMessage(end),
    after: leftMessage(after),
    afterSequence: BigInt(from.seq),
    afterPoints: BigInt(from.points),
    afterBytes: BigInt(from.bytes),
    afterBundle: BigInt(afterBundle),
    run: known?.kind === "known" && known.mlflowRunId === runId ? undefined : runMessage(known),
  };
}

function exportedLane({ run, target }: Begun, through: RunPosition, author: Author): ExportedLane {
  const left = { ...author, seq: through.seq };
  const { seq, points, bytes } = through;
  return { runId: run.runId, trackerId: target.trackerId, through: { seq, points, bytes }, left };
}
