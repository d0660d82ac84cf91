/** What the page shows, as its address says it: a link opens the same view again. Pure. */

export type Axis = "step" | "time" | "relative";

export interface RunsRoute {
  readonly view: "runs";
  /** A text that names or ids hold, or a search as MLflow has it: metrics.loss < 0.3. */
  readonly query: string;
  /** A column, with a minus before it for the highest first. */
  readonly sort: string;
  /** Columns beside the usual ones: metrics.loss, params.lr. */
  readonly columns: readonly string[];
}

export interface CurvesRoute {
  readonly view: "curves";
  readonly runIds: readonly string[];
  /** A regular expression that keys match. */
  readonly keys: string;
  readonly axis: Axis;
  readonly isLog: boolean;
  /** 0 to 0.99. */
  readonly smoothing: number;
  readonly pinned: readonly string[];
  /** The only one that is shown, large. */
  readonly one: string;
  /** Along the axis. */
  readonly range: readonly [number, number] | undefined;
}

export interface DiffRoute {
  readonly view: "diff";
  readonly runIds: readonly string[];
  readonly isDifferentOnly: boolean;
}

export interface DaemonRoute {
  readonly view: "daemon";
}

export type Route = RunsRoute | CurvesRoute | DiffRoute | DaemonRoute;

export const CURVES: CurvesRoute = {
  ...{ view: "curves", runIds: [], keys: "", axis: "step", isLog: false, smoothing: 0 },
  ...{ pinned: [], one: "", range: undefined },
};
const SMOOTHING_MAX = 0.99;
const AXES: readonly string[] = ["step", "time", "relative"] satisfies Axis[];

/** The route in the part of an address behind #; what it can't mean is left out. */
export function readRoute(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const words = new URLSearchParams(search);
  const text = (name: string) => words.get(name) ?? "";
  if (path === "daemon") return { view: "daemon" };
  const some = (name: string) => [...new Set(words.getAll(name))].filter((word) => word !== "");
  if (path === "diff") {
    return { view: "diff", runIds: some("run"), isDifferentOnly: text("different") === "1" };
  }
  if (path !== "curves")
    return { view: "runs", query: text("q"), sort: text("sort"), columns: some("column") };
  const smoothing = Number(text("smooth")) || 0;
  const axis = text("axis");
  return {
    view: "curves",
    runIds: some("run"),
    keys: text("keys"),
    axis: AXES.includes(axis) ? (axis as Axis) : "step",
    isLog: text("log") === "1",
    smoothing: Math.min(SMOOTHING_MAX, Math.max(0, smoothing)),
    pinned: some("pin"),
    one: text("one"),
    range: rangeOf(text("from"), text("to")),
  };
}

/** The address of a route; what is as usual is left out. */
export function hashOf(route: Route): string {
  const words = new URLSearchParams();
  const say = (name: string, value: string) => void (value !== "" && words.append(name, value));
  if (route.view === "runs") {
    say("q", route.query);
    say("sort", route.sort);
    for (const column of route.columns) say("column", column);
  }
  if (route.view === "diff") {
    for (const run of route.runIds) say("run", run);
    say("different", route.isDifferentOnly ? "1" : "");
  }
  if (route.view === "curves") {
    for (const run of route.runIds) say("run", run);
    say("keys", route.keys);
    say("axis", route.axis === "step" ? "" : route.axis);
    say("log", route.isLog ? "1" : "");
    say("smooth", route.smoothing === 0 ? "" : String(route.smoothing));
    for (const key of route.pinned) say("pin", key);
    say("one", route.one);
    if (route.range) {
      say("from", String(route.range[0]));
      say("to", String(route.range[1]));
    }
  }
  const search = words.toString();
  return `#/${route.view}${search === "" ? "" : `?${search}`}`;
}

/** Steps and milliseconds are whole numbers of 64 bits. */
const PLACE_MAX = 2 ** 63;
/** Of how many numbers a range has at least: nearer to each other places can't be told apart. */
const WIDTH_MIN = 1e-14;

/** A range that the axis has, and that is wide enough to be drawn. */
export function boundedRange(from: number, to: number): readonly [number, number] {
  const within = (place: number) => Math.min(PLACE_MAX, Math.max(-PLACE_MAX, place));
  const [min, max] = [within(from), within(to)];
  const least = Math.max(1e-3, Math.max(Math.abs(min), Math.abs(max)) * WIDTH_MIN);
  if (max - min >= least) return [min, max];
  const middle = Math.min(PLACE_MAX - least, Math.max(least - PLACE_MAX, (min + max) / 2));
  return [middle - least, middle + least];
}

/** A place as a message has it. */
export function placeOf(place: number): bigint {
  return BigInt.asIntN(64, BigInt(Math.trunc(Math.min(PLACE_MAX - 1_024, Math.max(-PLACE_MAX, place)))));
}

function rangeOf(from: string, to: string): readonly [number, number] | undefined {
  if (from === "" || to === "") return undefined;
  const range = [Number(from), Number(to)] as const;
  return range.every(Number.isFinite) && range[0] < range[1] ? boundedRange(...range) : undefined;
}
