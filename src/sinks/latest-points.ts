/** What MLflow's SQL stores make of points: the form in which values are kept, and which point is the latest. */
import type { MetricRows } from "../model/pack.js";

/** MLflow keeps infinities as the largest doubles. */
export function finite(value: number): number {
  if (value === Number.POSITIVE_INFINITY) return Number.MAX_VALUE;
  return value === Number.NEGATIVE_INFINITY ? -Number.MAX_VALUE : value;
}

/**
 * The row of the latest point of each key, by the key's index. As MLflow: the latest is the largest by step, then
 * timestamp, then value; of equal ones the first.
 */
export function latestRows(rows: MetricRows): Map<number, number> {
  const latest = new Map<number, number>();
  for (let row = 0; row < rows.values.length; row++) {
    const key = rows.keyIndexes[row] ?? 0;
    const before = latest.get(key);
    if (before === undefined || isLater(rows, row, rows, before)) latest.set(key, row);
  }
  return latest;
}

/** Whether a row is a later point than a row of the same or other rows. */
export function isLater(rows: MetricRows, row: number, others: MetricRows, other: number): boolean {
  const step = integerAt(rows.steps, row);
  const otherStep = integerAt(others.steps, other);
  if (step !== otherStep) return step > otherStep;
  const timestampMs = integerAt(rows.timestampsMs, row);
  const otherTimestampMs = integerAt(others.timestampsMs, other);
  if (timestampMs !== otherTimestampMs) return timestampMs > otherTimestampMs;
  // NaN counts as the 0 that is stored for it.
  return (finite(valueAt(rows.values, row)) || 0) > (finite(valueAt(others.values, other)) || 0);
}

/** The metric's key of a row. Throws a RangeError for a row without one. */
export function keyOf(rows: MetricRows, row: number): string {
  const key = rows.keys[rows.keyIndexes[row] ?? 0];
  if (key === undefined) throw new RangeError(`point ${row} of a pack names no key`);
  return key;
}

/** A step or timestamp. Throws a RangeError where the column is too short. */
export function integerAt(column: BigInt64Array, row: number): bigint {
  const value = column[row];
  if (value === undefined) throw new RangeError(`a pack has fewer than ${row + 1} steps or timestamps`);
  return value;
}

export function valueAt(column: Float64Array, row: number): number {
  return column[row] ?? Number.NaN;
}
