/** Curves of what records of a run say: of many points those that stand evenly, in bounded memory. Pure. */
import { type BatchView, type ColumnView, POINT_COLUMN_BYTES } from "../model/batch-view.js";
import type { CurvePoint } from "./local/curves.js";
import { pointsOf } from "./run-fold.js";

/** Points of one column of a record that are looked at. */
const OF_COLUMN_MAX = 16;

export class CurveFold {
  readonly #most: number;
  readonly #curves = new Map<string, CurvePoint[]>();

  /** `most`: how many points a curve has; it holds up to twice as many meanwhile. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Adds a record's points; records come in their order. */
  add({ columns }: BatchView): void {
    for (const column of columns) {
      const { key = "" } = column;
      const curve = this.#curves.get(key) ?? [];
      curve.push(...pointsOf(someOf(column)));
      this.#curves.set(key, curve.length > 2 * this.#most ? thinned(curve, this.#most) : curve);
    }
  }

  /** The curve of a metric, with those points of it that a backend has. */
  with(key: string, stored: readonly CurvePoint[]): CurvePoint[] {
    const points = new Map(
      [...stored, ...(this.#curves.get(key) ?? [])].map((point) => [
        `${point.step} ${point.timestampMs} ${point.value}`,
        point,
      ]),
    );
    return thinned([...points.values()].sort(byStep), this.#most);
  }
}

/** So many of the points, evenly, the first and the last with them. */
function thinned<Point>(points: readonly Point[], most: number): Point[] {
  if (points.length <= most) return [...points];
  return Array.from({ length: most }, (_, index) =>
    points.at(Math.round((index * (points.length - 1)) / (most - 1))),
  ).filter((point) => point !== undefined);
}

/** A column with a few of its points, the last one with them. */
function someOf(column: ColumnView): ColumnView {
  const count = column.values.length / POINT_COLUMN_BYTES;
  if (count <= OF_COLUMN_MAX) return column;
  const places = thinned(
    Array.from({ length: count }, (_, index) => index),
    OF_COLUMN_MAX,
  );
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
