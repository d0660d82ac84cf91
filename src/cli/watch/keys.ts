/** What is typed or clicked, as a change of the state. Pure. */
import { type Layout, layoutOf, type Size } from "./layout.js";
import { CHOSEN_MAX, chooses, extentOf, ordered, type SystemPlace, type WatchState } from "./state.js";

/** A key by its name, as "UP" or "q". */
export type Key = string;

export interface Click {
  readonly kind: "press" | "up" | "down";
  /** From 0. */
  readonly x: number;
  readonly y: number;
}

const AXES = ["step", "relative", "time"] as const;
const SMOOTHINGS: readonly number[] = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99];
const PLACES: readonly SystemPlace[] = ["group", "grid", "hidden"];
const FILTER_MAX = 200;
/** Of what is shown: how much a key pans, and what is left after a zoom. */
const PAN = 0.25;
const ZOOM = 0.5;
const WHEEL_ZOOM = 0.7;

type Change = (state: WatchState, layout: Layout) => WatchState;

const CHANGES: Readonly<Record<Key, Change>> = {
  UP: (state, layout) => (state.focus === "runs" ? moveRun(state, -1) : moveKey(state, -layout.across)),
  DOWN: (state, layout) => (state.focus === "runs" ? moveRun(state, 1) : moveKey(state, layout.across)),
  LEFT: (state) => moveKey({ ...state, focus: "curves" }, -1),
  RIGHT: (state) => moveKey({ ...state, focus: "curves" }, 1),
  PAGE_UP: (state, layout) => turn(state, layout, -1),
  PAGE_DOWN: (state, layout) => turn(state, layout, 1),
  HOME: (state) => toEnd(state, 0),
  END: (state) => toEnd(state, -1),
  TAB: (state) => ({ ...state, focus: state.focus === "runs" ? "curves" : "runs", isRunsHidden: false }),
  ENTER: (state) =>
    state.focus === "runs" && state.runAt !== ""
      ? { ...chooses(state, [state.runAt]), isFollowing: false }
      : { ...state, isLarge: !state.isLarge && state.keyAt !== "" },
  ESCAPE: (state) => back(state),
  " ": (state) => overlay(state, state.runAt),
  "/": (state) => ({ ...state, filterBefore: state.filter }),
  "?": (state) => ({ ...state, isHelp: true }),
  s: (state) => smooth(state, 1),
  S: (state) => smooth(state, -1),
  l: (state) => ({ ...state, isLog: !state.isLog }),
  x: (state) => ({ ...state, axis: next(AXES, state.axis), range: undefined }),
  p: (state) => pin(state),
  m: (state) => ordered({ ...state, systemPlace: next(PLACES, state.systemPlace) }),
  r: (state) => ({ ...state, isRunsHidden: !state.isRunsHidden, focus: "curves" }),
  f: (state) => follow(state),
  "+": (state) => zoom(state, ZOOM, 0.5),
  "-": (state) => zoom(state, 1 / ZOOM, 0.5),
  ",": (state) => pan(state, -PAN),
  ".": (state) => pan(state, PAN),
  "0": (state) => ({ ...state, range: undefined }),
};
const SAME: Readonly<Record<Key, Key>> = {
  ...{ k: "UP", j: "DOWN", h: "LEFT", n: "PAGE_DOWN", b: "PAGE_UP", g: "HOME", G: "END" },
  ...{ "=": "+", _: "-", "<": ",", ">": ".", KP_ENTER: "ENTER", SHIFT_TAB: "TAB" },
};

/** The state after a key. Keys that mean nothing change nothing. */
export function pressed(state: WatchState, key: Key, size: Size): WatchState {
  if (state.isHelp) return { ...state, isHelp: false };
  if (state.filterBefore !== undefined) return typed(state, key);
  const change = CHANGES[SAME[key] ?? key];
  return change ? change({ ...state, notice: "" }, layoutOf(state, size)) : state;
}

/** The state after something was done with the mouse. */
export function clicked(state: WatchState, { kind, x, y }: Click, size: Size): WatchState {
  if (state.isHelp) return { ...state, isHelp: false };
  const layout = layoutOf(state, size);
  if (layout.runs && x < layout.runs.width) {
    if (kind !== "press") return moveRun(state, kind === "up" ? -1 : 1);
    const run = state.runs[firstRun(state, layout) + y - layout.runs.y - 1];
    return run ? { ...overlay(state, run.runId), runAt: run.runId } : state;
  }
  const card = layout.cards.find(
    ({ box }) => x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height,
  );
  if (!card) return kind === "press" ? state : turn(state, layout, kind === "up" ? -1 : 1);
  const at: WatchState = { ...state, keyAt: card.key, focus: "curves" };
  if (kind === "press") return { ...at, isLarge: state.keyAt === card.key ? !state.isLarge : state.isLarge };
  // Over a large curve the wheel zooms, where the mouse is.
  if (!state.isLarge) return turn(state, layout, kind === "up" ? -1 : 1);
  const part = Math.max(0, Math.min(1, (x - card.plot.x) / Math.max(1, card.plot.width - 1)));
  return zoom(at, kind === "up" ? WHEEL_ZOOM : 1 / WHEEL_ZOOM, part);
}

/** The first run in view: the mark stays in it. */
export function firstRun(state: WatchState, { runs }: Layout): number {
  const room = Math.max(1, (runs?.height ?? 1) - 1);
  const at = Math.max(
    0,
    state.runs.findIndex(({ runId }) => runId === state.runAt),
  );
  return Math.max(0, Math.min(state.runs.length - room, at - Math.floor(room / 2)));
}

function typed(state: WatchState, key: Key): WatchState {
  const change = (filter: string) => ordered({ ...state, filter });
  switch (key) {
    case "ENTER":
    case "KP_ENTER":
      return { ...state, filterBefore: undefined };
    case "ESCAPE":
      return ordered({ ...state, filter: state.filterBefore ?? "", filterBefore: undefined });
    case "BACKSPACE":
    case "DELETE":
      return change(state.filter.slice(0, -1));
    case "CTRL_U":
      return change("");
    default:
      // A key that has a name of several letters is no text.
      return [...key].length === 1 && state.filter.length < FILTER_MAX ? change(state.filter + key) : state;
  }
}

/** What was opened last is closed: the large curve, the zoom, the filter. */
function back(state: WatchState): WatchState {
  if (state.isLarge) return { ...state, isLarge: false };
  if (state.range) return { ...state, range: undefined };
  return state.filter === "" ? { ...state, focus: "curves" } : ordered({ ...state, filter: "" });
}

function overlay(state: WatchState, runId: string): WatchState {
  if (runId === "") return state;
  const isChosen = state.chosen.includes(runId);
  if (!isChosen && state.chosen.length >= CHOSEN_MAX)
    return { ...state, notice: `At most ${CHOSEN_MAX} runs are drawn over one another.` };
  const chosen = isChosen ? state.chosen.filter((each) => each !== runId) : [...state.chosen, runId];
  return { ...chooses(state, chosen), isFollowing: false };
}

function follow(state: WatchState): WatchState {
  const newest = state.runs[0]?.runId;
  if (newest === undefined) return { ...state, isFollowing: true };
  return { ...chooses(state, [newest]), runAt: newest, isFollowing: true };
}

function moveRun(state: WatchState, by: number): WatchState {
  const at = state.runs.findIndex(({ runId }) => runId === state.runAt);
  const run = state.runs[Math.max(0, Math.min(state.runs.length - 1, at + by))];
  return { ...state, runAt: run?.runId ?? "" };
}

function moveKey(state: WatchState, by: number): WatchState {
  const at = state.metrics.indexOf(state.keyAt) + by;
  const key = state.metrics[Math.max(0, Math.min(state.metrics.length - 1, at))];
  return { ...state, keyAt: key ?? "" };
}

function turn(state: WatchState, { page, pages, perPage }: Layout, by: number): WatchState {
  const to = Math.max(0, Math.min(pages - 1, page + by));
  return to === page ? state : { ...state, keyAt: state.metrics[to * perPage] ?? "" };
}

function toEnd(state: WatchState, at: number): WatchState {
  if (state.focus === "runs") return { ...state, runAt: state.runs.at(at)?.runId ?? "" };
  return { ...state, keyAt: state.metrics.at(at) ?? "" };
}

function smooth(state: WatchState, by: number): WatchState {
  const at = SMOOTHINGS.indexOf(state.smoothing) + by;
  return { ...state, smoothing: SMOOTHINGS[Math.max(0, Math.min(SMOOTHINGS.length - 1, at))] ?? 0 };
}

function pin(state: WatchState): WatchState {
  if (state.keyAt === "") return state;
  const isPinned = state.pinned.includes(state.keyAt);
  const others = state.pinned.filter((key) => key !== state.keyAt);
  return ordered({ ...state, pinned: isPinned ? others : [...others, state.keyAt] });
}

/** So much of the range is left, around a place in it. */
function zoom(state: WatchState, left: number, part: number): WatchState {
  const extent = extentOf(state);
  if (!extent) return state;
  const [from, to] = state.range ?? extent;
  const at = from + (to - from) * part;
  const range = [at - (at - from) * left, at + (to - at) * left] as const;
  // All of it is no part; and no two points are nearer than 1.
  if (range[0] <= extent[0] && range[1] >= extent[1]) return { ...state, range: undefined };
  return range[1] - range[0] < 2 ? state : { ...state, range };
}

function pan(state: WatchState, by: number): WatchState {
  const extent = extentOf(state);
  if (!extent || !state.range) return state;
  const width = state.range[1] - state.range[0];
  const from = Math.max(extent[0] - width / 2, Math.min(extent[1] - width / 2, state.range[0] + width * by));
  return { ...state, range: [from, from + width] };
}

function next<Each>(some: readonly Each[], one: Each): Each {
  return some[(some.indexOf(one) + 1) % some.length] ?? one;
}
