/**
 * The curves that are in view, as the daemon has them: what comes into view is read, what changes is read again, in few
 * requests, one at a time. What was read stays drawn until the next answer is there.
 */
import { type Curve, CurveAxis, PointsSource } from "../../gen/stepwell/v1/curves.js";
import { merged, withPoints } from "../../model/curve-parts.js";
import { readCurves, readPoints } from "../api/methods.js";
import { asFault, type CallFault, call } from "../api/rpc.js";
import { type Axis, placeOf } from "../route/route.js";

/** What is asked of all curves alike. */
export interface View {
  readonly runIds: readonly string[];
  readonly axis: Axis;
  readonly range: readonly [number, number] | undefined;
}

type Listener = (curves: readonly Curve[]) => void;

/** Runs times keys times buckets of one request, and its keys: bounds of the daemon. */
const BUCKETS_MAX = 40_000;
const KEYS_MAX = 1_000;
/** Of one curve, where many runs share a plot. */
const BUCKETS_MIN = 60;
/** Points that are drawn one by one, where buckets are no finer. */
const POINTS_MAX = 5_000;
const PAUSE_MS = 250;
/** Curves that nobody looks at any more and that stay for when somebody scrolls back. */
const KEPT_MAX = 600;

const AXES = {
  step: CurveAxis.CURVE_AXIS_STEP,
  time: CurveAxis.CURVE_AXIS_TIME,
  relative: CurveAxis.CURVE_AXIS_RELATIVE_TIME,
} as const;

export class CurveBook {
  #view: View;
  #buckets = 0;
  #listeners = new Map<string, Set<Listener>>();
  /** By key, then by run. */
  readonly #curves = new Map<string, Map<string, Curve>>();
  readonly #stale = new Set<string>();
  #isReading = false;
  #round = 0;
  readonly #fault: (fault: CallFault | undefined) => void;

  constructor(view: View, fault: (fault: CallFault | undefined) => void) {
    this.#view = view;
    this.#fault = fault;
  }

  /** Another view of the same keys. */
  look(view: View): void {
    const isSame = JSON.stringify(view) === JSON.stringify(this.#view);
    if (isSame) return;
    if (view.axis !== this.#view.axis) this.#curves.clear();
    this.#view = view;
    this.#round += 1;
    for (const key of this.#listeners.keys()) this.#stale.add(key);
    this.#read();
  }

  /** A curve is in view, so many pixels wide, until the answer is called. */
  show(key: string, pixels: number, listener: Listener): () => void {
    const wanted = Math.ceil(pixels * 1.5);
    const most = Math.floor(BUCKETS_MAX / Math.max(1, this.#view.runIds.length));
    const buckets = Math.max(BUCKETS_MIN, Math.min(wanted, most, 4_000));
    if (buckets > this.#buckets) {
      this.#buckets = buckets;
      this.#round += 1;
      for (const each of this.#listeners.keys()) this.#stale.add(each);
    }
    const listeners = this.#listeners.get(key) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(key, listeners);
    const known = this.#curves.get(key);
    if (known) listener(this.#ordered(known));
    this.#stale.add(key);
    this.#read();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(key);
    };
  }

  /** Keys that got points. */
  change(keys: Iterable<string>): void {
    for (const key of keys) if (this.#listeners.has(key)) this.#stale.add(key);
    this.#read();
  }

  /** All that is in view may have changed. */
  changeAll(): void {
    this.change([...this.#listeners.keys()]);
  }

  #read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    void this.#readAll().finally(() => {
      this.#isReading = false;
      if ([...this.#stale].some((key) => this.#listeners.has(key))) setTimeout(() => this.#read(), PAUSE_MS);
    });
  }

  async #readAll(): Promise<void> {
    // What comes into view together is asked together.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const { runIds } = this.#view;
    if (runIds.length === 0) return;
    const most = Math.max(1, Math.min(KEYS_MAX, Math.floor(BUCKETS_MAX / (runIds.length * this.#buckets))));
    const keys = [...this.#stale].filter((key) => this.#listeners.has(key)).slice(0, most);
    if (keys.length === 0) return this.#stale.clear();
    for (const key of keys) this.#stale.delete(key);
    try {
      await this.#readKeys(keys);
      this.#fault(undefined);
    } catch (error) {
      this.#fault(asFault(error));
      await new Promise((resolve) => setTimeout(resolve, 4 * PAUSE_MS));
      for (const key of keys) this.#stale.add(key);
    }
  }

  async #readKeys(keys: readonly string[]): Promise<void> {
    const { runIds, axis, range } = this.#view;
    const round = this.#round;
    const known = this.#knownAt(round, keys);
    const [from, to] = range ? [placeOf(Math.floor(range[0])), placeOf(Math.ceil(range[1]))] : [];
    const answer = await call(readCurves, {
      ...{ runIds: [...runIds], keys: [...keys], axis: AXES[axis], buckets: this.#buckets, known },
      ...{ from, to },
    });
    const curves = range
      ? await Promise.all(answer.curves.map((curve) => this.#finest(curve)))
      : answer.curves;
    if (round !== this.#round) return;
    const isNew = new Set<string>();
    for (const curve of curves) {
      const ofKey = this.#curves.get(curve.key) ?? new Map<string, Curve>();
      const before = this.#rounds.get(curve.key) === round ? ofKey.get(curve.runId) : undefined;
      ofKey.set(curve.runId, merged(before, curve));
      this.#curves.set(curve.key, ofKey);
      isNew.add(curve.key);
    }
    for (const key of keys) this.#rounds.set(key, round);
    for (const key of isNew) {
      const curves = this.#ordered(this.#curves.get(key) ?? new Map());
      for (const listener of this.#listeners.get(key) ?? []) listener(curves);
    }
    this.#forget();
  }

  /** The points themselves, where they are few enough and the run's store has them. */
  async #finest(curve: Curve): Promise<Curve> {
    const count = curve.points.reduce((sum, points) => sum + points, 0n);
    if (curve.isExact || !curve.hasPoints || curve.fromBucket > 0 || count > BigInt(POINTS_MAX)) return curve;
    const { runId, key } = curve;
    const axis = AXES[this.#view.axis];
    // Of all of the buckets: they reach beyond the range, and the first of the points is where they begin.
    const range = { from: curve.xFirst[0], to: curve.xLast.at(-1) };
    const answer = await call(readPoints, { runId, key, axis, ...range, limit: POINTS_MAX });
    const isWhole =
      answer.source !== PointsSource.POINTS_SOURCE_NONE && !answer.isCut && answer.values.length > 0;
    if (!isWhole) return curve;
    const single = withPoints(curve, answer, this.#view.axis);
    this.#single.add(single);
    return single;
  }

  /** Curves whose buckets single points took the place of: what changes of the buckets is no part of these. */
  readonly #single = new WeakSet<Curve>();

  /** In which round the curves of a key were read. */
  readonly #rounds = new Map<string, number>();

  #knownAt(round: number, keys: readonly string[]) {
    return keys
      .filter((key) => this.#rounds.get(key) === round)
      .flatMap((key) => [...(this.#curves.get(key)?.values() ?? [])])
      .filter((curve) => !this.#single.has(curve))
      .map(({ runId, key, version }) => ({ runId, key, version }));
  }

  #ordered(ofKey: ReadonlyMap<string, Curve>): Curve[] {
    return this.#view.runIds.flatMap((runId) => ofKey.get(runId) ?? []);
  }

  #forget(): void {
    for (const key of this.#curves.keys()) {
      if (this.#curves.size <= KEPT_MAX) return;
      if (this.#listeners.has(key)) continue;
      this.#curves.delete(key);
      this.#rounds.delete(key);
    }
  }
}
