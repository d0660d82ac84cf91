/**
 * Reading back: which points of a pack a run has already. For servers that append what they
 * are sent again (Databricks, MLflow's file store), when it is not known whether they were.
 */

import { bodyOf } from "../../mlflow/server-fault.js";
import type { Session } from "../../mlflow/session.js";
import { HISTORY_BYTES_MAX, HISTORY_PAGE_POINTS } from "../../model/limits.js";
import type { MetricRows } from "../../model/pack.js";

/** The rows, of the given ones, that the run does not have. Throws a ServerFault. */
export async function missingRows(
  session: Session,
  mlflowRunId: string,
  metrics: MetricRows,
  rows: Uint32Array,
): Promise<Uint32Array> {
  const present = new Set<number>();
  for (const [keyIndex, wanted] of wantedByKey(metrics, rows)) {
    const key = metrics.keys[keyIndex] ?? "";
    for await (const point of history(session, mlflowRunId, key)) {
      for (const row of wanted.get(point) ?? []) present.add(row);
    }
  }
  return rows.filter((row) => !present.has(row));
}

function wantedByKey(metrics: MetricRows, rows: Uint32Array): Map<number, Map<string, number[]>> {
  const byKey = new Map<number, Map<string, number[]>>();
  for (const row of rows) {
    const keyIndex = metrics.keyIndexes[row] ?? 0;
    const wanted = byKey.get(keyIndex) ?? new Map<string, number[]>();
    byKey.set(keyIndex, wanted);
    const point = nameOf(metrics.steps[row] ?? 0n, metrics.timestampsMs[row] ?? 0n, metrics.values[row] ?? 0);
    wanted.set(point, [...(wanted.get(point) ?? []), row]);
  }
  return byKey;
}

/** The names of all points of a metric, page by page. */
async function* history(session: Session, mlflowRunId: string, key: string): AsyncGenerator<string> {
  for (let pageToken = ""; ; ) {
    const query = {
      run_id: mlflowRunId,
      metric_key: key,
      max_results: String(HISTORY_PAGE_POINTS),
      ...(pageToken === "" ? {} : { page_token: pageToken }),
    };
    const verdict = await session.get("metrics/get-history", query, HISTORY_BYTES_MAX);
    if (verdict.kind === "missing") return;
    const { metrics, next_page_token: next } = bodyOf(verdict);
    for (const point of Array.isArray(metrics) ? metrics : []) yield shownName(point);
    if (typeof next !== "string" || next === "" || next === pageToken) return;
    pageToken = next;
  }
}

function shownName(point: unknown): string {
  const { step, timestamp, value } = point as Record<
    "step" | "timestamp" | "value",
    string | number | undefined
  >;
  return nameOf(BigInt(step ?? 0), BigInt(timestamp ?? 0), Number(value ?? 0));
}

/** Two points with one name are one. Databases hold infinities as their largest numbers. */
function nameOf(step: bigint, timestampMs: bigint, value: number): string {
  const bounded = Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value));
  return `${step} ${timestampMs} ${bounded}`;
}
