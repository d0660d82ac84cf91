/** The curves that are in view of the page: each plot says when it is, and is told its curves as they are read. */
import type { Curve } from "../../gen/stepwell/v1/curves.js";
import { CURVE_BUCKETS_READ_MAX } from "../../model/curve-limits.js";
import { CurveReader, type CurveSource } from "../../reading/curve-reader.js";
import { readCurves, readPoints } from "../api/methods.js";
import { asFault, type CallFault, call } from "../api/rpc.js";
import type { Axis } from "../route/route.js";

/** What is asked of all curves alike. */
export interface View {
  readonly runIds: readonly string[];
  readonly axis: Axis;
  readonly range: readonly [number, number] | undefined;
}

type Listener = (curves: readonly Curve[]) => void;

/** Of one curve, where many runs share a plot. */
const BUCKETS_MIN = 60;
const BUCKETS_MAX = 4_000;
const BUCKETS_A_PIXEL = 1.5;
const POINTS_MAX = 5_000;
const POINT_CURVES_MAX = 100;
/** How soon it asks again what it could not read. */
const AGAIN_MS = 1_000;
const SOURCE: CurveSource = {
  readCurves: (request) => call(readCurves, request),
  readPoints: (request) => call(readPoints, request),
};

export class CurveBook {
  #view: View;
  #buckets = 0;
  #isLookingSoon = false;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #reader: CurveReader;

  constructor(view: View, fault: (fault: CallFault | undefined) => void) {
    this.#view = view;
    this.#reader = new CurveReader({
      source: () => SOURCE,
      changed: (keys) => {
        fault(undefined);
        for (const key of keys) this.#tell(key);
      },
      failed: (error) => {
        fault(asFault(error));
        setTimeout(() => this.#look(), AGAIN_MS);
      },
      ...{ pointsMax: POINTS_MAX, pointCurvesMax: POINT_CURVES_MAX },
    });
  }

  /** Another view of the same keys. */
  look(view: View): void {
    if (JSON.stringify(view) === JSON.stringify(this.#view)) return;
    this.#view = view;
    this.#look();
  }

  /** A curve is in view, so many pixels wide, until the answer is called. */
  show(key: string, pixels: number, listener: Listener): () => void {
    const most = Math.floor(CURVE_BUCKETS_READ_MAX / Math.max(1, this.#view.runIds.length));
    const wanted = Math.min(Math.ceil(pixels * BUCKETS_A_PIXEL), most, BUCKETS_MAX);
    this.#buckets = Math.max(this.#buckets, BUCKETS_MIN, wanted);
    const listeners = this.#listeners.get(key) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(key, listeners);
    const known = this.#curvesOf(key);
    if (known.length > 0) listener(known);
    this.#look();
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0 || this.#listeners.get(key) !== listeners) return;
      this.#listeners.delete(key);
      this.#look();
    };
  }

  /** Keys that got points. */
  change(keys: Iterable<string>): void {
    this.#reader.change(keys);
  }

  /** All may have changed. */
  changeAll(): void {
    this.#reader.changeAll();
  }

  /** Resolves once what is in view by now was read, or could not be. */
  async quiet(): Promise<void> {
    // Keys that were listed just now are laid out first.
    await new Promise((resolve) => setTimeout(resolve, 0));
    await this.#reader.settled();
  }

  /** Plots come into view and leave it one by one; the reader is told once. */
  #look(): void {
    if (this.#isLookingSoon) return;
    this.#isLookingSoon = true;
    queueMicrotask(() => {
      this.#isLookingSoon = false;
      const groups = [{ keys: [...this.#listeners.keys()], buckets: this.#buckets }];
      this.#reader.look({ ...this.#view, groups });
    });
  }

  #tell(key: string): void {
    const curves = this.#curvesOf(key);
    if (curves.length === 0) return;
    for (const listener of this.#listeners.get(key) ?? []) listener(curves);
  }

  #curvesOf(key: string): Curve[] {
    return this.#view.runIds.flatMap((runId) => this.#reader.get(key, runId) ?? []);
  }
}
