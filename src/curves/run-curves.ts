/**
 * The curves of one run: what is saved of them in its file, and the stretch of records that came since.
 *
 *   file (through F)  |  saving: a stretch that is being put into the file  |  tail: what comes now
 *
 * Each part begins where the one before ends. Where it does not, as after a kill, what lies between is read again (refill.ts)
 * before anything is put behind it. A part that would reach into the one before is dropped and read again, too: nothing is
 * ever counted twice.
 */

import type { WrittenRecord } from "../journal/append.js";
import type { Curve } from "./curve.js";
import { CurveFile } from "./curve-file.js";
import type { Stretch } from "./stretch.js";
import { type CurveSummary, joinedSummary, summaryOf } from "./summary.js";

const RUN_BYTES = 500;
/** Why points are missing. */
const BEING_READ = "They are being read again.";
const GONE =
  "The journal does not hold them any more, nor does a local store; or they are of more metrics than are kept.";
const FAILED = "They could not be read again: the daemon's log says why. It is tried again.";

export class RunCurves {
  readonly number: number;
  readonly runId: string;
  /** What came since the last save began. */
  tail: Stretch | undefined;
  /** What is being put into the file. */
  saving: Stretch | undefined;
  /** When the tail began, by the monotonic clock. */
  tailSinceMs = 0;
  /** Rises with each change of the buckets but for what comes behind them. */
  epoch = 0;
  /** Whether a local store of the run has its points, or will. */
  hasStore = false;
  /** Tells its files apart. */
  fileNumber = 0;
  /** Whether what is missing is being read again, and up to which of the run's points that was tried last. */
  isRefilling = false;
  triedThrough = -1;
  /** What was missing could not be read again or kept: by the monotonic clock, when that may be tried once more. */
  failedUntilMs: number | undefined;
  /** Whether what the file lacks was looked for by this daemon. */
  wasLookedFor = false;
  #file: CurveFile | undefined;
  #isLoaded = false;

  constructor(number: number, runId: string) {
    this.number = number;
    this.runId = runId;
  }

  /** What is saved, once it was looked at. */
  get file(): CurveFile | undefined {
    return this.#file;
  }

  /** Looks at the file. Throws where it can't be read now; one that is damaged is handed to `onDamaged`, and counts for nothing. */
  async load(path: string, onDamaged: (error: RangeError) => void): Promise<void> {
    if (this.#isLoaded) return;
    let file: CurveFile | undefined;
    try {
      file = await CurveFile.open(path, this.runId);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // Who looked at it at the same time may have put another in its place by now.
      if (!this.#isLoaded) onDamaged(error);
    }
    // It may have been saved meanwhile.
    if (!this.#isLoaded) this.setFile(file);
  }

  /** The run has no file. */
  loadNothing(): void {
    if (!this.#isLoaded) this.setFile(undefined);
  }

  setFile(file: CurveFile | undefined): void {
    this.#file = file;
    this.#isLoaded = true;
    this.epoch += 1;
    this.fileNumber += 1;
  }

  /** Whether there is a file, or one is being written. */
  get isSaved(): boolean {
    return this.#file !== undefined || this.saving !== undefined || this.isRefilling;
  }

  /** Whether more is in memory than what is in the file. */
  get isBusy(): boolean {
    return this.tail !== undefined || this.saving !== undefined || this.isRefilling;
  }

  /** The file is gone, or is not what it is to be: what it held can be looked for again. */
  lostFile(): void {
    this.setFile(undefined);
    this.lookAgain();
  }

  /** What is missing may be looked for once more. */
  lookAgain(): void {
    this.triedThrough = -1;
    this.wasLookedFor = false;
  }

  /** Bytes of memory that the list of what is in the file takes, and all else of a run that is looked at. */
  get listBytes(): number {
    return RUN_BYTES + (this.#file?.indexBytes ?? 0);
  }

  /** Points of the run through the end of the file. */
  get savedPoints(): number {
    return this.#file?.through.points ?? 0;
  }

  /** Where what is in memory begins, in points of the run; undefined where nothing is. */
  get heldFrom(): number | undefined {
    return (this.saving ?? this.tail)?.pointsBefore;
  }

  /** Drops what is in memory where it begins before the file's end. */
  dropOverlap(): void {
    if (this.heldFrom !== undefined && this.heldFrom < this.savedPoints) this.dropHeld();
  }

  /** Begins to put the tail behind what ends at a place; undefined where it begins elsewhere, and is dropped, or is none. */
  takeTail(savedPoints: number): Stretch | undefined {
    if (this.heldFrom !== undefined && this.heldFrom !== savedPoints) this.dropHeld();
    this.saving = this.tail;
    this.tail = undefined;
    this.epoch += 1;
    return this.saving;
  }

  /** What was being saved is in the file. */
  savedAs(file: CurveFile | undefined): void {
    this.saving = undefined;
    this.setFile(file);
  }

  /** Whether something lies between the file and what is in memory, or is missing in the file and was not looked for. */
  get isLacking(): boolean {
    return this.heldFrom !== this.savedPoints || this.isMissing;
  }

  /** Whether something of so many points is to be read again, and may be at a time of the monotonic clock. */
  lacks(points: number, nowMs: number): boolean {
    if (this.isRefilling || nowMs < (this.failedUntilMs ?? Number.NEGATIVE_INFINITY)) return false;
    const wanted = this.heldFrom ?? points;
    return this.isMissing || (wanted > this.savedPoints && wanted > this.triedThrough);
  }

  /** Whether the file lacks something that was not looked for. */
  get isMissing(): boolean {
    return (this.#file?.through.missing ?? 0) > 0 && !this.wasLookedFor;
  }

  /** Points of the run that no part has, where the run has so many in all. */
  missingOf(points: number): number {
    const { missing } = this.#file?.through ?? { missing: 0 };
    const leftOut = (this.tail?.pointsLeftOut ?? 0) + (this.saving?.pointsLeftOut ?? 0);
    return missing + leftOut + Math.max(0, (this.heldFrom ?? points) - this.savedPoints);
  }

  /** Why points are missing, for people. */
  get whyMissing(): string {
    if (this.isRefilling) return BEING_READ;
    return this.failedUntilMs === undefined ? GONE : FAILED;
  }

  /** Whether a record follows on what came last; without a tail it begins one. */
  follows(record: WrittenRecord): boolean {
    return this.tail === undefined || this.tail.isNext(record);
  }

  /** Bytes of memory that stretches take. */
  get heldBytes(): number {
    return (this.tail?.bytes ?? 0) + (this.saving?.bytes ?? 0);
  }

  /** Drops what is in memory: it will be read again. */
  dropHeld(): void {
    this.tail = undefined;
    this.saving = undefined;
    this.epoch += 1;
  }

  /** Its keys. */
  names(): Set<string> {
    const names = new Set(this.#file?.keys.keys());
    for (const stretch of [this.saving, this.tail])
      for (const key of stretch?.curves.keys() ?? []) names.add(key);
    return names;
  }

  /** What is told of its keys, or of some. */
  summaries(some?: ReadonlySet<string>): Map<string, CurveSummary> {
    const found = new Map<string, CurveSummary>();
    const add = (key: string, summary: CurveSummary | undefined) => {
      if (!summary) return;
      const before = found.get(key);
      found.set(key, before ? joinedSummary(before, summary) : summary);
    };
    const keys = this.#file?.keys;
    for (const key of some ?? keys?.keys() ?? []) add(key, keys?.get(key)?.summary);
    for (const stretch of [this.saving, this.tail]) {
      for (const key of some ?? stretch?.curves.keys() ?? []) {
        const curve = stretch?.curves.get(key);
        if (curve) add(key, summaryOf(curve));
      }
    }
    return found;
  }

  /** A key's curve of all parts, given what the file has of it; undefined where none has it. */
  joined(key: string, saved: Curve | undefined): Curve | undefined {
    const parts = [saved, this.saving?.curves.get(key), this.tail?.curves.get(key)].filter(
      (part) => part !== undefined,
    );
    const [first, ...others] = parts;
    if (!first || others.length === 0) return first;
    const joined = first.copy();
    for (const part of others) joined.merge(part);
    return joined;
  }
}
