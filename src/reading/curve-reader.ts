/**
 * The curves that are in view, as the daemon has them: what comes into view is read, what changes is read again, in few
 * requests, one at a time. What was read stays drawn until the next answer is there. The terminal and the browser's page
 * read by it.
 */
import {
  type Curve,
  CurveAxis,
  PointsSource,
  type ReadCurvesRequest,
  type ReadCurvesResponse,
  type ReadPointsRequest,
  type ReadPointsResponse,
} from "../gen/stepwell/v1/curves.js";
import { CURVE_BUCKETS_READ_MAX, CURVE_KEYS_MAX } from "../model/curve-limits.js";
import { type Axis, merged, withPoints } from "../model/curve-parts.js";

/** What is in view. */
export interface InView {
  readonly runIds: readonly string[];
  readonly axis: Axis;
  readonly range: readonly [number, number] | undefined;
  /** Keys that are drawn as finely as one another. */
  readonly groups: readonly { readonly keys: readonly string[]; readonly buckets: number }[];
}

/** Whom it asks. */
export interface CurveSource {
  readCurves(request: ReadCurvesRequest): Promise<ReadCurvesResponse>;
  readPoints(request: ReadPointsRequest): Promise<ReadPointsResponse>;
}

/** What one that shows curves wants of them. */
export interface CurveReaderOptions {
  /** Whom it asks now; undefined while there is no daemon. */
  readonly source: () => CurveSource | undefined;
  /** Keys whose curves were read. */
  readonly changed: (keys: readonly string[]) => void;
  /** A read failed. What was to be read is read with the next change, or view. */
  readonly failed: (error: unknown) => void;
  /** Points that are drawn one by one, where buckets are no finer, and of how many curves. */
  readonly pointsMax: number;
  readonly pointCurvesMax: number;
}

interface Known {
  /** How it was asked for. */
  readonly layout: string;
  readonly axis: Axis;
  /** Runs that were asked for it: not each has the key. */
  readonly asked: ReadonlySet<string>;
  /** As the daemon answered, by run. */
  readonly curves: ReadonlyMap<string, Curve>;
  /** The same as they are drawn: single points where there are few. */
  readonly shown: ReadonlyMap<string, Curve>;
}

interface Batch {
  readonly keys: readonly string[];
  readonly layout: string;
  readonly request: ReadCurvesRequest;
}

const AXES = {
  step: CurveAxis.CURVE_AXIS_STEP,
  time: CurveAxis.CURVE_AXIS_TIME,
  relative: CurveAxis.CURVE_AXIS_RELATIVE_TIME,
} as const;
const NOTHING: InView = { runIds: [], axis: "step", range: undefined, groups: [] };
/** Of one curve: fewer say nothing. */
const BUCKETS_MIN = 8;
/** Curves that nobody looks at any more and that stay for when somebody goes back. */
const KEPT_MAX = 400;
const INT64_MAX = 2n ** 63n - 1n;

export class CurveReader {
  readonly #options: CurveReaderOptions;
  #view = NOTHING;
  readonly #known = new Map<string, Known>();
  readonly #stale = new Set<string>();
  #reading: Promise<void> | undefined;

  constructor(options: CurveReaderOptions) {
    this.#options = options;
  }

  /** Something else comes into view. */
  look(view: InView): void {
    this.#view = view;
    this.#read();
  }

  /** Keys that got points. */
  change(keys: Iterable<string>): void {
    for (const key of keys) this.#stale.add(key);
    this.#read();
  }

  /** All may have changed. */
  changeAll(): void {
    this.change(this.#known.keys());
  }

  get(key: string, runId: string): Curve | undefined {
    const known = this.#known.get(key);
    return known?.axis === this.#view.axis ? known.shown.get(runId) : undefined;
  }

  /** Resolves once all that is to be read was, or could not be. */
  async settled(): Promise<void> {
    await this.#reading;
  }

  #read(): void {
    this.#reading ??= this.#readAll();
  }

  async #readAll(): Promise<void> {
    try {
      // What comes into view together is asked together.
      await new Promise((resolve) => setTimeout(resolve, 0));
      for (let source = this.#options.source(); source; source = this.#options.source()) {
        const batch = this.#next();
        if (!batch) break;
        await this.#readBatch(source, batch);
        this.#options.changed(batch.keys);
      }
    } catch (error) {
      this.#options.failed(error);
    } finally {
      // At once: what comes into view from here on begins another one.
      this.#reading = undefined;
    }
  }

  /** What is to be read first; undefined: all is there. */
  #next(): Batch | undefined {
    const { runIds, axis, range, groups } = this.#view;
    if (runIds.length === 0) return undefined;
    for (const group of groups) {
      const most = Math.floor(CURVE_BUCKETS_READ_MAX / runIds.length);
      const buckets = Math.max(BUCKETS_MIN, Math.min(group.buckets, most));
      const layout = JSON.stringify([axis, range, buckets]);
      const isMissing = (key: string) => {
        const known = this.#known.get(key);
        return known?.layout !== layout || runIds.some((runId) => !known.asked.has(runId));
      };
      const keys = group.keys
        .filter((key) => this.#stale.has(key) || isMissing(key))
        .slice(0, Math.max(1, Math.min(CURVE_KEYS_MAX, Math.floor(most / buckets))));
      if (keys.length === 0) continue;
      const known = keys
        .filter((key) => this.#known.get(key)?.layout === layout)
        .flatMap((key) => [...(this.#known.get(key)?.curves.values() ?? [])])
        .map(({ runId, key, version }) => ({ runId, key, version }));
      const [from, to] = range ? [int64(Math.floor(range[0])), int64(Math.ceil(range[1]))] : [];
      const request = { runIds: [...runIds], keys, axis: AXES[axis], from, to, buckets, known };
      return { keys, layout, request };
    }
    // Nobody sees what else changed: it is read when it comes into view.
    for (const key of this.#stale) this.#known.delete(key);
    this.#stale.clear();
    return undefined;
  }

  async #readBatch(source: CurveSource, { keys, layout, request }: Batch): Promise<void> {
    const { axis, range } = this.#view;
    for (const key of keys) this.#stale.delete(key);
    try {
      const { curves } = await source.readCurves(request);
      const isFine = range !== undefined && curves.length <= this.#options.pointCurvesMax;
      const answered = new Map<string, Curve[]>();
      for (const curve of curves) answered.set(curve.key, [...(answered.get(curve.key) ?? []), curve]);
      for (const key of keys) {
        const before = this.#known.get(key);
        const same = before?.layout === layout ? before : undefined;
        const whole = new Map<string, Curve>();
        for (const curve of answered.get(key) ?? [])
          whole.set(curve.runId, merged(same?.curves.get(curve.runId), curve));
        const shown = new Map(whole);
        if (isFine)
          for (const curve of whole.values())
            shown.set(curve.runId, await this.#finest(source, curve, request, axis));
        this.#known.delete(key);
        this.#known.set(key, {
          ...{ layout, axis, curves: whole, shown, asked: new Set(request.runIds) },
        });
      }
      this.#forget();
    } catch (error) {
      for (const key of keys) this.#stale.add(key);
      throw error;
    }
  }

  /** The points themselves, where they are few enough and the run's store has them. */
  async #finest(source: CurveSource, curve: Curve, request: ReadCurvesRequest, word: Axis): Promise<Curve> {
    const limit = this.#options.pointsMax;
    const count = curve.points.reduce((sum, points) => sum + points, 0n);
    if (curve.isExact || !curve.hasPoints || count > BigInt(limit)) return curve;
    const { runId, key } = curve;
    // Of all of the buckets: they reach beyond the range, and the first of the points is where they begin.
    const range = { from: curve.xFirst[0], to: curve.xLast.at(-1) };
    const answer = await source.readPoints({ runId, key, axis: request.axis, ...range, limit });
    const isWhole =
      answer.source !== PointsSource.POINTS_SOURCE_NONE && !answer.isCut && answer.values.length > 0;
    return isWhole ? withPoints(curve, answer, word) : curve;
  }

  #forget(): void {
    const inView = new Set(this.#view.groups.flatMap(({ keys }) => keys));
    for (const key of this.#known.keys()) {
      if (this.#known.size <= KEPT_MAX) return;
      if (!inView.has(key)) this.#known.delete(key);
    }
  }
}

function int64(place: number): bigint {
  const whole = BigInt(place);
  if (whole > INT64_MAX) return INT64_MAX;
  return whole < -INT64_MAX ? -INT64_MAX : whole;
}
