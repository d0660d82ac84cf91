/**
 * The curves of all runs: fed with what is journaled, once it is on disk and acknowledged, and read by whoever looks at them.
 * They are a cache and never the truth. What they have not got of a run is known to the point: each record of the
 * journal says how many points its run has through it.
 */
import type { WrittenAppend, WrittenRecord } from "../journal/append.js";
import { CURVE_BUCKETS_MAX, CURVE_BUCKETS_MIN, CURVES_MEMORY_BYTES } from "../model/curve-limits.js";
import type { Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import { type Curve, type CurveSummary, summaryOf } from "./curve.js";
import { PointReader } from "./points.js";
import { Stretch } from "./stretch.js";

/** Points of a run that no curve has. */
export interface CurveGap {
  readonly runId: string;
  readonly missingPoints: number;
  readonly isBeingRead: boolean;
  /** One sentence for people. */
  readonly reason: string;
}

/** A curve as it is now, and what tells its buckets' layout from all others of it. */
export interface ReadCurve {
  readonly curve: Curve;
  readonly layout: string;
}

/** Told which keys of a run got points. */
export type CurveListener = (run: number, keys: ReadonlySet<string>) => void;

export interface CurvesOptions {
  readonly runs: Pick<RunBook, "byNumber" | "journaled">;
  /** Tells this daemon's layouts of buckets from another one's. */
  readonly seed: string;
}

const BUCKET_BYTES = 80;

export class Curves {
  readonly #options: CurvesOptions;
  readonly #reader = new PointReader();
  /** What came of each run since the start; the one that got points last is the last. */
  readonly #stretches = new Map<number, Stretch>();
  #bytes = 0;
  #keys = 0;
  #pending: WrittenRecord[] = [];
  #isScheduled = false;
  readonly #listeners = new Set<CurveListener>();

  constructor(options: CurvesOptions) {
    this.#options = options;
  }

  /** Takes records that are on disk. They are looked at behind the acknowledgements, which are sent in the same turn. */
  take(appends: readonly WrittenAppend[]): void {
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

  /** What is told of a run's keys, or of some of them. */
  async summaries(run: Run, some?: ReadonlySet<string>): Promise<ReadonlyMap<string, CurveSummary>> {
    const curves = this.#stretches.get(run.number)?.curves;
    const found = new Map<string, CurveSummary>();
    for (const key of some ?? curves?.keys() ?? []) {
      const curve = curves?.get(key);
      if (curve) found.set(key, summaryOf(curve));
    }
    return found;
  }

  /** The curve of a key, to be looked at in this turn only; undefined where there is none. */
  async read(run: Run, key: string): Promise<ReadCurve | undefined> {
    const stretch = this.#stretches.get(run.number);
    const curve = stretch?.curves.get(key);
    return curve && stretch && { curve, layout: `${this.#options.seed} ${stretch.pointsBefore}` };
  }

  /** What of a run is not in its curves; undefined where all is. */
  async gap(run: Run): Promise<CurveGap | undefined> {
    const stretch = this.#stretches.get(run.number);
    const missingPoints = stretch ? stretch.pointsBefore : this.#options.runs.journaled(run).points;
    if (missingPoints === 0) return undefined;
    const reason = "They were logged before the daemon began to keep this run's curves.";
    return { runId: run.runId, missingPoints, isBeingRead: false, reason };
  }

  #takePending(): void {
    this.#isScheduled = false;
    const pending = this.#pending;
    this.#pending = [];
    const changed = this.#listeners.size > 0 ? new Map<number, Set<string>>() : undefined;
    for (const record of pending) {
      this.#add(record);
      if (changed) note(changed, record);
    }
    for (const [run, keys] of changed ?? []) for (const listener of this.#listeners) listener(run, keys);
    while (this.#bytes > CURVES_MEMORY_BYTES && this.#stretches.size > 1) this.#dropOldest();
  }

  #add(record: WrittenRecord): void {
    const { run } = record;
    let stretch = this.#stretches.get(run);
    if (stretch && !stretch.isNext(record)) {
      this.#drop(run, stretch);
      stretch = undefined;
    }
    stretch ??= new Stretch(record.pointsThrough - record.points);
    this.#stretches.delete(run);
    this.#stretches.set(run, stretch);
    const [bytes, keys] = [stretch.bytes, stretch.curves.size];
    stretch.add(record, this.#reader, this.#lengthMax());
    this.#bytes += stretch.bytes - bytes;
    this.#keys += stretch.curves.size - keys;
  }

  /** Buckets that a curve may have now: they share the memory. */
  #lengthMax(): number {
    const share = Math.floor(CURVES_MEMORY_BYTES / (1 + this.#keys) / BUCKET_BYTES);
    return Math.min(CURVE_BUCKETS_MAX, Math.max(CURVE_BUCKETS_MIN, share));
  }

  #dropOldest(): void {
    for (const [run, stretch] of this.#stretches) return this.#drop(run, stretch);
  }

  #drop(run: number, stretch: Stretch): void {
    this.#stretches.delete(run);
    this.#bytes -= stretch.bytes;
    this.#keys -= stretch.curves.size;
  }
}

function note(changed: Map<number, Set<string>>, { run, columns }: WrittenRecord): void {
  const keys = changed.get(run) ?? new Set();
  changed.set(run, keys);
  for (const { key = "" } of columns) keys.add(key);
}
