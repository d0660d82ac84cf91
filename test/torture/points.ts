/**
 * What is logged is a function of where it is logged: point i of a run's metric, param i,
 * version i of the tag. So a ledger holds counts instead of points, and whoever reads the
 * store knows each value without having it from anybody. clients/python_client.py and reader.py
 * have the same, written again: whoever checks shares nothing with whoever is checked.
 */

/** Metrics of one run. */
export const KEYS = 4;
/** The tag that each run sets again and again. */
export const TAG = "progress";

/** A param that somebody else gave each run of each database first: a backend refuses ours. */
export const REFUSED_PARAM = "refused";

export function metricKey(key: number): string {
  return `metric/${key}`;
}

export function paramKey(param: number): string {
  return `param ${param}`;
}

export function paramValue(runId: string, param: number): string {
  return `value ${param} of ${runId}`;
}

/** What a run's values are made from. */
export function seedOf(runId: string, key: number): number {
  return (Number.parseInt(runId.slice(0, 8), 16) + key * 7919) >>> 0;
}

/** Any finite double now and then is none: MLflow has forms of its own for these. */
export function valueAt(seed: number, index: number): number {
  const special = index % 1009;
  if (special === 7) return Number.NaN;
  if (special === 8) return Number.POSITIVE_INFINITY;
  if (special === 9) return Number.NEGATIVE_INFINITY;
  return ((Math.imul(index, 1103515245) + seed) >>> 0) / 1000;
}

/** Steps begin below zero. */
export function stepAt(index: number): number {
  return index - 5;
}

export function timestampAt(baseMs: number, index: number): number {
  return baseMs + index;
}
