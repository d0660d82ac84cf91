/** What is in memory of runs' curves, and how much of it there may be. */
import type { WrittenRecord } from "../journal/append.js";
import type { Clock } from "../model/clock.js";
import {
  CURVE_BUCKETS_MAX,
  CURVE_BUCKETS_MIN,
  CURVE_LISTS_BYTES,
  CURVE_SHORT_RUN_POINTS,
  CURVES_HELD_BYTES,
  CURVES_HELD_BYTES_MAX,
  CURVES_PRESSED_SAVE_MS_MIN,
  CURVES_PRESSED_SAVE_TIMES,
  CURVES_SAVE_MS,
} from "../model/curve-limits.js";
import { hasEnded, type Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import { ColumnPlaces } from "./column-places.js";
import { PointReader } from "./points.js";
import type { RefillSources } from "./refill.js";
import { RunCurves } from "./run-curves.js";
import { CURVE_BYTES, Stretch } from "./stretch.js";

const BUCKET_BYTES = 80;

export class HeldCurves {
  readonly #runs: Pick<RunBook, "byNumber">;
  readonly #hasStore: RefillSources["hasStore"];
  readonly #clock: Clock;
  readonly #reader = new PointReader();
  readonly #places = new ColumnPlaces();
  /** By the runs' numbers; the one that was looked at last is the last. */
  readonly #held = new Map<number, RunCurves>();
  /** Those that have a tail, or had one: the one whose tail began last is the last. There may be thousands that only wait. */
  readonly #tailed = new Map<number, RunCurves>();
  #bytes = 0;
  #keys = 0;
  #compactedKeys = 0;
  #pressedMs = Number.NEGATIVE_INFINITY;

  constructor(runs: Pick<RunBook, "byNumber">, { hasStore }: Pick<RefillSources, "hasStore">, clock: Clock) {
    this.#runs = runs;
    this.#hasStore = hasStore;
    this.#clock = clock;
  }

  /** Adds a record that is on disk. */
  add(record: WrittenRecord): void {
    const curves = this.#held.get(record.run) ?? this.#begin(record.run);
    if (!curves || record.pointsThrough <= curves.savedPoints) return;
    if (!curves.follows(record)) this.#drop(curves);
    if (!curves.tail) {
      curves.tail = new Stretch(record.pointsThrough - record.points);
      curves.tailSinceMs = this.#clock.monotonicMs();
      this.#tailed.delete(record.run);
      this.#tailed.set(record.run, curves);
    }
    const { tail } = curves;
    const [bytes, keys] = [tail.bytes, tail.curves.size];
    tail.add(record, this.#places, this.#reader, this.#lengthMax());
    this.#bytes += tail.bytes - bytes;
    this.#keys += tail.curves.size - keys;
    if (this.#bytes > CURVES_HELD_BYTES) this.#compact();
  }

  /** Of what comes faster than it can be saved the oldest goes, a part at once: it is read again when it is wanted. */
  dropSurplus(): void {
    if (this.#bytes <= CURVES_HELD_BYTES_MAX) return;
    this.count();
    for (const curves of this.unsaved()) {
      if (this.#bytes <= CURVES_HELD_BYTES) return;
      this.#drop(curves);
    }
  }

  /** Of short runs that ended nothing is held, nor saved, where a local store has the points: a file for each costs more than to read them. */
  dropShort(): void {
    for (const curves of this.unsaved()) {
      const { number, tail } = curves;
      if (!tail || !curves.hasStore || curves.isSaved || tail.pointsThrough > CURVE_SHORT_RUN_POINTS)
        continue;
      const run = this.#runs.byNumber(number);
      if (!run || hasEnded(run)) this.#drop(curves);
    }
  }

  /** What is held of a run, which is looked at. */
  of(run: Run): RunCurves {
    const { number, runId } = run;
    const known = this.#held.get(number);
    const curves = known?.runId === runId ? known : new RunCurves(number, runId);
    curves.hasStore = this.#hasStore(run);
    this.#held.delete(number);
    this.#held.set(number, curves);
    return curves;
  }

  /** Those of which something is not saved, the oldest first. */
  *unsaved(): Generator<RunCurves> {
    for (const [number, curves] of this.#tailed) {
      if (curves.tail && this.#held.get(number) === curves) yield curves;
      else this.#tailed.delete(number);
    }
  }

  /** Whether there are any. */
  get hasUnsaved(): boolean {
    return this.unsaved().next().done === false;
  }

  /** Those that are to be saved now: what takes too much, and then the oldest, so many of them. */
  due(most: number): RunCurves[] {
    const nowMs = this.#clock.monotonicMs();
    const due: RunCurves[] = [];
    for (const curves of this.unsaved()) {
      if (due.length === most) break;
      if (this.#isDue(curves, nowMs)) due.push(curves);
    }
    const largest = this.#bytes > CURVES_HELD_BYTES && nowMs >= this.#pressedMs ? this.#largest() : undefined;
    return largest ? [largest, ...due] : due;
  }

  /** A save took so long: of what is too much nothing is saved before that was a small part of the time. */
  saved(tookMs: number): void {
    const waitMs = Math.max(CURVES_PRESSED_SAVE_MS_MIN, tookMs * CURVES_PRESSED_SAVE_TIMES);
    this.#pressedMs = this.#clock.monotonicMs() + waitMs;
  }

  /** Counts anew what is in memory. */
  count(): void {
    this.#bytes = 0;
    this.#keys = 0;
    this.#compactedKeys = 0;
    for (const curves of this.#held.values()) {
      this.#bytes += curves.heldBytes;
      this.#keys += curves.tail?.curves.size ?? 0;
    }
    this.forgetLists();
  }

  /** Forgets what is in files of runs that were not looked at for longest, where the lists of it are much. */
  forgetLists(but?: RunCurves): void {
    let bytes = 0;
    for (const curves of this.#held.values()) bytes += curves.listBytes;
    for (const [number, curves] of this.#held) {
      if (bytes <= CURVE_LISTS_BYTES) return;
      if (curves === but || curves.isBusy) continue;
      bytes -= curves.listBytes;
      this.#held.delete(number);
    }
  }

  /** The files of these runs are gone. */
  forgetFiles(runIds: readonly string[]): void {
    if (runIds.length === 0) return;
    const gone = new Set(runIds);
    for (const curves of this.#held.values()) if (gone.has(curves.runId)) curves.lostFile();
  }

  /** Where there is too much, curves that came first have more buckets than their share. */
  #compact(): void {
    if (this.#keys <= this.#compactedKeys) return;
    // Not again until there are a tenth more of them.
    this.#compactedKeys = Math.ceil(1.1 * this.#keys);
    const lengthMax = Math.floor((9 / 10) * this.#lengthMax());
    for (const { tail } of this.unsaved()) {
      if (!tail) continue;
      const before = tail.bytes;
      tail.compact(Math.max(CURVE_BUCKETS_MIN, lengthMax));
      this.#bytes += tail.bytes - before;
    }
  }

  #begin(number: number): RunCurves | undefined {
    // A run that nobody knows, as of a state store that was lost, has no curves.
    const run = this.#runs.byNumber(number);
    return run && this.of(run);
  }

  #drop(curves: RunCurves): void {
    this.#bytes -= curves.heldBytes;
    this.#keys -= curves.tail?.curves.size ?? 0;
    curves.dropHeld();
  }

  /** What came of a run that ended is saved at once: once it is delivered and its place in the journal is needed, nobody else has it. */
  #isDue({ number, tailSinceMs }: RunCurves, nowMs: number): boolean {
    const run = this.#runs.byNumber(number);
    return !run || hasEnded(run) || nowMs - tailSinceMs >= CURVES_SAVE_MS;
  }

  /** Buckets that a curve may have: all share the memory. */
  #lengthMax(): number {
    const share = CURVES_HELD_BYTES / (1 + this.#keys) - CURVE_BYTES;
    return Math.min(CURVE_BUCKETS_MAX, Math.max(CURVE_BUCKETS_MIN, Math.floor(share / BUCKET_BYTES)));
  }

  #largest(): RunCurves | undefined {
    let largest: RunCurves | undefined;
    for (const curves of this.unsaved())
      if ((curves.tail?.bytes ?? 0) > (largest?.tail?.bytes ?? 0)) largest = curves;
    return largest;
  }
}
