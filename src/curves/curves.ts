/**
 * The curves of all runs: fed with what is journaled, once it is on disk and acknowledged, and read by whoever looks at them.
 *
 * They are a cache and never the truth. In memory is what came of late, and what was looked at last; the rest is in a file for
 * each run. What they have not got of a run is known to the point, because each record of the journal says how many points
 * its run has through it; it is read again from the journal or from the run's local store, and said where neither has it. A
 * fault of theirs never reaches whoever logs.
 */
import { within } from "../home/wait.js";
import type { WrittenAppend, WrittenRecord } from "../journal/append.js";
import type { Clock } from "../model/clock.js";
import {
  CURVE_REFILL_WAIT_MS,
  CURVES_CLOSE_MS_MAX,
  CURVES_LOOK_MS,
  CURVES_READ_BYTES,
  CURVES_RETRY_MS,
  CURVES_SAVED_AT_ONCE_MAX,
} from "../model/curve-limits.js";
import type { Log } from "../model/log.js";
import type { Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import { noteKeys } from "./changed-keys.js";
import type { Curve } from "./curve.js";
import { CurveFolder } from "./curve-folder.js";
import { CurveKeeper } from "./curve-keeper.js";
import { EndedRuns } from "./ended-runs.js";
import { type StoredSingles, storedSingles } from "./exact-points.js";
import { type CurveGap, gapOf } from "./gap.js";
import { HeldCurves } from "./held-curves.js";
import { RecentCurves } from "./recent-curves.js";
import type { RefillSources } from "./refill.js";
import type { RunCurves } from "./run-curves.js";
import type { CurveSummary } from "./summary.js";
import { singlesOf, type ViewRange } from "./view.js";

/** A curve as it is now, and what tells its buckets' layout from all others of it. */
export interface ReadCurve {
  /** To be looked at in this turn only; undefined where there is none. */
  readonly curve: Curve | undefined;
  readonly layout: string;
  /** What of the run was missing when this was read: it may be there a moment later. */
  readonly gap: CurveGap | undefined;
}

/** Points as they were logged. */
export interface ExactPoints extends StoredSingles {
  /** Whether they are of a local store. */
  readonly isStored: boolean;
}

/** Told which keys of a run, by its number, got points. */
export type CurveListener = (run: number, keys: ReadonlySet<string>) => void;

export interface CurvesOptions {
  readonly folder: string;
  /** Bytes of files; with 0 nothing is kept at all. */
  readonly quotaBytes: number;
  readonly runs: Pick<RunBook, "byNumber" | "journaled" | "known" | "live">;
  readonly sources: RefillSources;
  readonly clock: Clock;
  readonly log: Log;
  /** Tells this daemon's layouts of buckets from another one's. */
  readonly seed: string;
}

const READ_ATTEMPTS_MAX = 5;
export class Curves {
  readonly #options: CurvesOptions;
  readonly #held: HeldCurves;
  readonly #recent = new RecentCurves(CURVES_READ_BYTES);
  readonly #keeper: CurveKeeper;
  readonly #folder: CurveFolder;
  #pending: WrittenRecord[] = [];
  #isScheduled = false;
  #looking: NodeJS.Timeout | undefined;
  #isLooking = false;
  readonly #ended: EndedRuns;
  #isClosed = false;
  #opened: Promise<void> | undefined;
  readonly #listeners = new Set<CurveListener>();

  constructor(options: CurvesOptions) {
    const { folder, quotaBytes, runs, sources, clock, log } = options;
    this.#options = options;
    this.#held = new HeldCurves(runs, sources, clock);
    this.#ended = new EndedRuns(runs, clock);
    this.#folder = new CurveFolder(folder, quotaBytes);
    this.#keeper = new CurveKeeper({
      ...{ folder: this.#folder, sources, quotaBytes, log },
      pointsOf: (run) => runs.journaled(run).points,
      catchUp: () => this.#takePending(),
      onGone: (runIds) => this.#held.forgetFiles(runIds),
    });
  }

  /** Looks through the folder, which nobody has to wait for. Never rejects. */
  async open(): Promise<void> {
    const { runs, sources, log } = this.#options;
    if (!this.#isKept) return;
    const isKnown = async (runId: string) => (await runs.known(runId)) !== undefined;
    this.#opened = this.#folder.open(isKnown).catch((error: unknown) => {
      log("warn", "the folder of curves can't be looked through", { reason: String(error) });
    });
    await this.#opened;
    this.#ended.begin(sources);
    if (!this.#ended.isDone) this.#lookLater();
  }

  /** Takes records that are on disk. They are looked at behind the acknowledgements, which are sent in the same turn. */
  take(appends: readonly WrittenAppend[]): void {
    if (!this.#isKept) return;
    for (const { runs } of appends)
      for (const record of runs) if (record.points > 0) this.#pending.push(record);
    if (this.#isScheduled || this.#pending.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => this.#takePending());
  }

  /** Tells a listener of changes until it is taken away. */
  listen(listener: CurveListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A run's keys alone, which costs a fraction of their summaries. */
  async names(run: Run): Promise<ReadonlySet<string>> {
    return (await this.#ready(run))?.names() ?? new Set();
  }

  /** What is told of a run's keys, or of some of them. */
  async summaries(run: Run, some?: ReadonlySet<string>): Promise<ReadonlyMap<string, CurveSummary>> {
    return (await this.#ready(run))?.summaries(some) ?? new Map();
  }

  /** The curve of a key; undefined where no curves are kept. */
  async read(run: Run, key: string): Promise<ReadCurve | undefined> {
    // What was being saved may be in another file by now, and one that is damaged is gone.
    for (let attempt = 0; attempt < READ_ATTEMPTS_MAX; attempt++) {
      const { points } = this.#options.runs.journaled(run);
      const curves = await this.#ready(run);
      if (!curves) return undefined;
      const { file } = curves;
      const saved = file?.keys.has(key) ? await this.#saved(curves, key) : undefined;
      if (curves.file !== file) continue;
      const curve = curves.joined(key, saved);
      return { curve, layout: `${this.#options.seed} ${curves.epoch}`, gap: gapOf(curves, points) };
    }
    return { curve: undefined, layout: this.#options.seed, gap: await this.gap(run) };
  }

  /** Points of a range along an axis as they were logged; "buckets" where only those are kept. */
  async points(
    run: Run,
    key: string,
    axis: "step" | "time",
    range: ViewRange,
  ): Promise<ExactPoints | "buckets" | undefined> {
    const read = await this.read(run, key);
    if (!read?.curve) return undefined;
    const along = read.curve.along(axis);
    const singles = singlesOf(along.buckets, along.isOther, range);
    if (singles) return { ...singles, isStored: false, missing: "" };
    const stored = await storedSingles(run, key, along, range, this.#options.sources);
    return stored ? { ...stored, isStored: true } : "buckets";
  }

  /** Whether a run's single points can be read where buckets hold several. */
  hasPoints(run: Run): boolean {
    return this.#options.sources.hasStore(run);
  }

  /** What of a run is not in its curves; undefined where all is. */
  async gap(run: Run): Promise<CurveGap | undefined> {
    const { runId } = run;
    const { points } = this.#options.runs.journaled(run);
    const curves = await this.#ready(run);
    if (!curves) {
      const reason = "Curves are turned off: STEPWELL_CURVES_BYTES is 0.";
      return points === 0 ? undefined : { runId, missingPoints: points, isBeingRead: false, reason };
    }
    return gapOf(curves, points);
  }

  /** Saves all that is in memory and can be. */
  async save(): Promise<void> {
    this.#takePending();
    for (const curves of [...this.#held.unsaved()]) await this.#save(curves, undefined);
    this.#held.count();
    await this.#keeper.idle();
  }

  /** Saves what it can in a moment. Nothing may be taken any more. */
  async close(): Promise<void> {
    clearTimeout(this.#looking);
    const saving = this.save();
    this.#isClosed = true;
    await within(CURVES_CLOSE_MS_MAX, saving);
  }

  get #isKept(): boolean {
    return this.#options.quotaBytes > 0;
  }

  #takePending(): void {
    this.#isScheduled = false;
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    const changed = this.#listeners.size > 0 ? new Map<number, Set<string>>() : undefined;
    for (const record of pending) {
      this.#held.add(record);
      if (changed) noteKeys(changed, record);
    }
    for (const [run, keys] of changed ?? []) for (const listener of this.#listeners) listener(run, keys);
    this.#held.dropSurplus();
    this.#lookLater();
  }

  /** What there is of a run, with its file looked at and what lies between read again, or begun to be. */
  async #ready(run: Run): Promise<RunCurves | undefined> {
    if (!this.#isKept) return undefined;
    this.#takePending();
    const curves = this.#held.of(run);
    await this.#keeper.load(curves);
    if (this.#lacks(curves, run)) await within(CURVE_REFILL_WAIT_MS, this.#refill(curves, run));
    this.#held.forgetLists(curves);
    return curves;
  }

  /** Whether something is to be read again, and may be by now. */
  #lacks(curves: RunCurves, run: Run): boolean {
    const { runs, clock } = this.#options;
    return !this.#isClosed && curves.lacks(runs.journaled(run).points, clock.monotonicMs());
  }

  /** Reads again what a run's curves lack. */
  async #refill(curves: RunCurves, run: Run): Promise<void> {
    const wanted = curves.heldFrom ?? this.#options.runs.journaled(run).points;
    curves.isRefilling = true;
    curves.triedThrough = wanted;
    await this.#save(curves, run);
    curves.isRefilling = false;
    if (curves.failedUntilMs === undefined) curves.triedThrough = Math.max(wanted, curves.savedPoints);
    this.#held.count();
  }

  async #saved(curves: RunCurves, key: string): Promise<Curve | undefined> {
    const name = `${curves.number} ${curves.fileNumber} ${key}`;
    const known = this.#recent.get(name);
    if (known) return known;
    const read = await this.#keeper.read(curves, key);
    if (read) this.#recent.keep(name, read);
    return read;
  }

  async #save(curves: RunCurves, run: Run | undefined): Promise<void> {
    await this.#opened;
    const beginMs = this.#options.clock.monotonicMs();
    const isDone = await this.#keeper.save(curves, run);
    const nowMs = this.#options.clock.monotonicMs();
    curves.failedUntilMs = isDone ? undefined : nowMs + CURVES_RETRY_MS;
    if (!isDone) curves.lookAgain();
    this.#held.saved(nowMs - beginMs);
  }

  /** However much comes: what is saved more often would cost those that log. */
  #lookLater(): void {
    if (this.#isClosed || this.#isLooking || this.#looking) return;
    this.#looking = setTimeout(() => void this.#look(), CURVES_LOOK_MS).unref();
  }

  /** Saves what is due. */
  async #look(): Promise<void> {
    this.#isLooking = true;
    const { runs } = this.#options;
    this.#held.dropShort();
    for (const curves of this.#held.due(CURVES_SAVED_AT_ONCE_MAX))
      if (!this.#isClosed) await this.#save(curves, runs.byNumber(curves.number));
    await this.#ended.look(async (run) => {
      const curves = this.#held.of(run);
      await this.#keeper.load(curves);
      if (this.#lacks(curves, run)) await this.#refill(curves, run);
    });
    // Once for all of them: there may be thousands of runs.
    this.#held.count();
    this.#looking = undefined;
    this.#isLooking = false;
    if (!this.#ended.isDone || this.#held.hasUnsaved) this.#lookLater();
  }
}
