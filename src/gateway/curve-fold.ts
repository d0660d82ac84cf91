/** Curves of what records of a run say: of many points those that stand evenly, in bounded memory. Pure. */
import { type BatchView, type ColumnView, POINT_COLUMN_BYTES } from "../model/batch-view.js";
import type { CurvePoint } from "./local/curves.js";
import { pointsOf } from "./run-fold.js";

/** One metric's points that are kept: every so manieth, and the last. */
interface Kept {
  /** A power of two. */
  every: number;
  /** Points that came. */
  count: number;
  points: CurvePoint[];
  last: CurvePoint | undefined;
}

export class CurveFold {
  readonly #most: number;
  readonly #curves = new Map<string, Kept>();

  /** `most`: how many points a curve has; it holds up to twice as many meanwhile. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Adds a record's points; records come in their order. */
  add({ columns }: BatchView): void {
    for (const column of columns) {
      const { key = "" } = column;
      const kept = this.#curves.get(key) ?? { every: 1, count: 0, points: [], last: undefined };
      this.#curves.set(key, kept);
      this.#addColumn(kept, column);
    }
  }

  #addColumn(kept: Kept, column: ColumnView): void {
    const points = column.values.length / POINT_COLUMN_BYTES;
    if (points === 0) return;
    // So that no column costs more than a curve, however long it is.
    while (points / kept.every > 2 * this.#most) thinOut(kept);
    const places: number[] = [];
    const first = (kept.every - (kept.count % kept.every)) % kept.every;
    for (let place = first; place < points; place += kept.every) places.push(place);
    const found = [...pointsOf(partOf(column, [...places, points - 1]))];
    kept.last = found.pop();
    kept.points.push(...found);
    kept.count += points;
    while (kept.points.length > 2 * this.#most) thinOut(kept);
  }

  /** The curve of a metric, with those points of it that a backend has. */
  with(key: string, stored: readonly CurvePoint[]): CurvePoint[] {
    const { points: kept = [], last } = this.#curves.get(key) ?? {};
    const points = new Map(
      [...stored, ...kept, ...(last ? [last] : [])].map((point) => [
        `${point.step} ${point.timestampMs} ${point.value}`,
        point,
      ]),
    );
    return evenly([...points.values()].sort(byStep), this.#most);
  }
}

function thinOut(kept: Kept): void {
  kept.every *= 2;
  kept.points = kept.points.filter((_, index) => index % 2 === 0);
}

/**
 * So many of the points, the first and the last with them: one of each piece of their steps, as a backend's may stand
 * wider than those that it has not got. Steps that say little, as with a few far off, are not looked at.
 */
function evenly(points: readonly CurvePoint[], most: number): CurvePoint[] {
  const [first, last] = [points[0], points.at(-1)];
  if (points.length <= most || !first || !last) return [...points];
  const span = Number(last.step - first.step);
  const pieces = new Map<number, CurvePoint>();
  for (const point of points) {
    const piece = span === 0 ? 0 : Math.floor((Number(point.step - first.step) / span) * (most - 1));
    if (!pieces.has(piece)) pieces.set(piece, point);
  }
  if (pieces.size < most / 4) return thinned(points, most);
  return [...[...pieces.values()].slice(0, most - 1), last];
}

/** So many of the points, evenly, the first and the last with them. */
function thinned<Point>(points: readonly Point[], most: number): Point[] {
  if (points.length <= most) return [...points];
  return Array.from({ length: most }, (_, index) =>
    points.at(Math.round((index * (points.length - 1)) / (most - 1))),
  ).filter((point) => point !== undefined);
}

/** A column with some of its points. */
function partOf(column: ColumnView, places: readonly number[]): ColumnView {
  const some = (bytes: Uint8Array) =>
    Buffer.concat(
      places.map((place) => bytes.subarray(place * POINT_COLUMN_BYTES, (place + 1) * POINT_COLUMN_BYTES)),
    );
  return {
    ...column,
    steps: some(column.steps),
    timestampsMs: some(column.timestampsMs),
    values: some(column.values),
  };
}

function byStep(one: CurvePoint, other: CurvePoint): number {
  if (one.step !== other.step) return one.step < other.step ? -1 : 1;
  return one.timestampMs < other.timestampMs ? -1 : Number(one.timestampMs > other.timestampMs);
}
