/**
 * A metric as data: its name, unit and meaning, and how its numbers are read from a snapshot of a process. What
 * exports them, the guide's page, and the tests of alerts and dashboard read the same tables.
 */
import type { DurationCounts } from "../model/durations.js";

/** What tells apart the numbers of one metric. Each has few values: none is a run's, a key's or a user's. */
export type AttributeName =
  | "cpu.mode"
  | "error.type"
  | "stepwell.lane.state"
  | "stepwell.outcome"
  | "stepwell.tracker";

export type Attributes = Readonly<Partial<Record<AttributeName, string>>>;

/** One number of a metric. */
export interface Reading<Value> {
  readonly attributes: Attributes;
  readonly value: Value;
}

interface Described {
  /** By OpenTelemetry's conventions, as in stepwell.points.received. */
  readonly name: string;
  /** A unit of UCUM, or what is counted in braces. */
  readonly unit: string;
  readonly description: string;
  readonly attributes: readonly AttributeName[];
}

/** A number that only rises while the process lives, one that rises and falls, or one that can't be summed. */
export interface NumberMetric<Snapshot> extends Described {
  readonly kind: "counter" | "up-down" | "gauge";
  readonly read: (now: Snapshot) => readonly Reading<number>[];
}

export interface HistogramMetric<Snapshot> extends Described {
  readonly kind: "histogram";
  readonly read: (now: Snapshot) => readonly Reading<DurationCounts>[];
}

export type Metric<Snapshot> = NumberMetric<Snapshot> | HistogramMetric<Snapshot>;

/** One number without attributes. */
export function one<Value>(value: Value): readonly Reading<Value>[] {
  return [{ attributes: {}, value }];
}

const UNIT_SUFFIXES: Readonly<Record<string, string>> = { s: "_seconds", By: "_bytes" };

/** What Prometheus calls it: the name that its own receiver of OTLP would give, too. */
export function prometheusName({ name, unit, kind }: Pick<Metric<never>, "name" | "unit" | "kind">): string {
  const suffix = `${UNIT_SUFFIXES[unit] ?? ""}${kind === "counter" ? "_total" : ""}`;
  return `${name.replaceAll(".", "_")}${suffix}`;
}

/** What Prometheus calls an attribute. */
export function prometheusLabel(attribute: string): string {
  return attribute.replaceAll(".", "_");
}
