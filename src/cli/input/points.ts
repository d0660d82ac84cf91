import type { MetricColumn } from "../../gen/stepwell/v1/ingest.js";

/** A point of a metric. */
export interface Point {
  readonly key: string;
  readonly step: bigint;
  readonly timestampMs: bigint;
  readonly value: number;
}

/** Points in columns, as a batch has them: each metric's own stay in their order. */
export function columnsOf(points: Iterable<Point>): MetricColumn[] {
  const columns = new Map<string, MetricColumn>();
  for (const { key, step, timestampMs, value } of points) {
    const column = columns.get(key) ?? { key, steps: [], timestampsMs: [], values: [], modelId: "" };
    columns.set(key, column);
    column.steps.push(step);
    column.timestampsMs.push(timestampMs);
    column.values.push(value);
  }
  return [...columns.values()];
}
