/** What the page shows, as a value; what is told of runs and metrics changes it here, what is typed in keys.ts. */
import type { CurveGap, CurveKey, WatchedRun } from "../../gen/stepwell/v1/curves.js";
import type { Status } from "../../gen/stepwell/v1/daemon.js";
import type { Axis } from "../../model/curve-parts.js";
import { type FilterFault, matchingKeys } from "./matching-keys.js";

/** Runs whose curves are drawn over one another, at most: there are no more colours or letters. */
export const CHOSEN_MAX = 10;
/** Runs in the list: as many as the daemon tells at once. */
const RUNS_MAX = 1_000;
const SYSTEM = "system/";

/** Where metrics of the system stand: in a group of their own, among the others, or nowhere. */
export type SystemPlace = "group" | "grid" | "hidden";

export interface WatchState {
  /** By id, the newest first. */
  readonly runs: readonly WatchedRun[];
  /** The run that the mark stands at. */
  readonly runAt: string;
  /** Runs whose curves are shown: the first has the first colour. */
  readonly chosen: readonly string[];
  /** Whether the newest run is shown until somebody chooses another. */
  readonly isFollowing: boolean;
  /** What the chosen runs have, by key and run. A key may be there before anything is known of it. */
  readonly keys: ReadonlyMap<string, ReadonlyMap<string, CurveKey>>;
  readonly gaps: readonly CurveGap[];
  /** Keys as they are shown, in order. */
  readonly metrics: readonly string[];
  readonly system: readonly string[];
  /** The metric that the mark stands at. */
  readonly keyAt: string;
  readonly focus: "runs" | "curves";
  readonly isRunsHidden: boolean;
  readonly filter: string;
  readonly filterFault: FilterFault;
  /** The filter that took too long last: it is not tried again. */
  readonly slowFilter: string;
  /** The filter before somebody began to type another; undefined: nobody types. */
  readonly filterBefore: string | undefined;
  readonly pinned: readonly string[];
  readonly axis: Axis;
  /** The part that is shown; undefined: all. */
  readonly range: readonly [from: number, to: number] | undefined;
  readonly isLog: boolean;
  readonly smoothing: number;
  readonly isLarge: boolean;
  readonly systemPlace: SystemPlace;
  readonly isHelp: boolean;
  readonly status: Status | undefined;
  /** What the last key could not do; empty: nothing. */
  readonly notice: string;
  /** What is wrong; undefined: all is well. */
  readonly fault: string | undefined;
  /** Whether what there was at the beginning has been told. */
  readonly isCurrent: boolean;
}

/** Before anything is known; runs that are named are shown from the beginning. */
export function begun(named: readonly WatchedRun[]): WatchState {
  const runs = [...named].sort(newestFirst);
  return {
    runs,
    runAt: named[0]?.runId ?? "",
    chosen: named.slice(0, CHOSEN_MAX).map(({ runId }) => runId),
    isFollowing: named.length === 0,
    ...{ keys: new Map(), gaps: [], metrics: [], system: [], keyAt: "" },
    ...{ focus: "curves", isRunsHidden: false },
    ...{ filter: "", filterFault: "", slowFilter: "", filterBefore: undefined, pinned: [] },
    ...{ axis: "step", range: undefined, isLog: false, smoothing: 0, isLarge: false },
    ...{
      systemPlace: "group",
      isHelp: false,
      notice: "",
      status: undefined,
      fault: undefined,
      isCurrent: false,
    },
  };
}

/** Runs that are new or changed. */
export function withRuns(state: WatchState, told: readonly WatchedRun[]): WatchState {
  if (told.length === 0) return state;
  const all = new Map([...state.runs, ...told].map((run) => [run.runId, run]));
  const isNew = all.size > state.runs.length;
  const sorted = isNew ? [...all.values()].sort(newestFirst) : [...all.values()];
  const runs = sorted.filter(({ runId }, at) => at < RUNS_MAX || state.chosen.includes(runId));
  const newest = runs[0]?.runId ?? "";
  const isOther = state.isFollowing && state.chosen[0] !== newest;
  const next = { ...state, runs };
  return isOther ? { ...chooses(next, [newest]), runAt: newest } : next;
}

/** Other runs are shown; what is known of the keys of those that stay is kept. */
export function chooses(state: WatchState, chosen: readonly string[]): WatchState {
  const keys = new Map<string, ReadonlyMap<string, CurveKey>>();
  for (const [key, ofKey] of state.keys) {
    const kept = [...ofKey].filter(([runId]) => chosen.includes(runId));
    if (kept.length > 0) keys.set(key, new Map(kept));
  }
  return ordered({ ...state, chosen: chosen.slice(0, CHOSEN_MAX), keys, gaps: [] });
}

/** The names of all keys that the chosen runs have. */
export function withNames(
  state: WatchState,
  names: readonly string[],
  gaps: readonly CurveGap[],
): WatchState {
  const nothing = new Map<string, CurveKey>();
  const keys = new Map(names.map((name) => [name, state.keys.get(name) ?? nothing]));
  return ordered({ ...state, keys, gaps });
}

/** Keys that are new or changed; `isAll`: there are no others. */
export function withKeys(
  state: WatchState,
  told: readonly CurveKey[],
  gaps: readonly CurveGap[],
  isAll = false,
): WatchState {
  const keys = new Map(isAll ? [] : state.keys);
  for (const one of told)
    if (state.chosen.includes(one.runId)) keys.set(one.key, new Map(keys.get(one.key)).set(one.runId, one));
  const isNew = keys.size !== state.keys.size || told.some(({ key }) => !state.keys.has(key));
  const next = { ...state, keys, gaps: isAll ? gaps : state.gaps };
  return isNew ? ordered(next) : next;
}

/** The keys in their order, and the mark at one that is there. */
export function ordered(state: WatchState): WatchState {
  const isSlow = state.filter !== "" && state.filter === state.slowFilter;
  const found = matchingKeys(state.keys.keys(), isSlow ? "" : state.filter, state.pinned);
  const filterFault = isSlow ? "slow" : found.fault;
  const slowFilter = filterFault === "slow" ? state.filter : "";
  const { shown } = found;
  const isApart = state.systemPlace !== "grid";
  const metrics = isApart ? shown.filter((key) => !key.startsWith(SYSTEM)) : shown;
  const system = state.systemPlace === "group" ? shown.filter((key) => key.startsWith(SYSTEM)) : [];
  const keyAt = metrics.includes(state.keyAt) ? state.keyAt : (metrics[0] ?? "");
  return { ...state, metrics, system, keyAt, filterFault, slowFilter };
}

/** From where to where the shown curves go along the axis; undefined where there is none. */
export function extentOf(state: WatchState): readonly [number, number] | undefined {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const started = new Map(state.runs.map((run) => [run.runId, Number(run.startTimeMs)]));
  for (const key of state.metrics)
    for (const one of state.keys.get(key)?.values() ?? []) {
      const isStep = state.axis === "step";
      const origin = state.axis === "relative" ? (started.get(one.runId) ?? 0) : 0;
      from = Math.min(from, Number(isStep ? one.firstStep : one.firstTimestampMs) - origin);
      to = Math.max(to, Number(isStep ? one.lastStep : one.latestTimestampMs) - origin);
    }
  return from <= to ? [from, to] : undefined;
}

function newestFirst(one: WatchedRun, other: WatchedRun): number {
  return one.startTimeMs === other.startTimeMs
    ? one.runId < other.runId
      ? -1
      : 1
    : Number(other.startTimeMs - one.startTimeMs);
}
