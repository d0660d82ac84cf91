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
  if (path === "diff") {
    return { view: "diff", runIds: words.getAll("run"), isDifferentOnly: text("different") === "1" };
  }
  if (path !== "curves")
    return { view: "runs", query: text("q"), sort: text("sort"), columns: words.getAll("column") };
  const smoothing = Number(text("smooth")) || 0;
  const axis = text("axis");
  return {
    view: "curves",
    runIds: words.getAll("run"),
    keys: text("keys"),
    axis: AXES.includes(axis) ? (axis as Axis) : "step",
    isLog: text("log") === "1",
    smoothing: Math.min(SMOOTHING_MAX, Math.max(0, smoothing)),
    pinned: words.getAll("pin"),
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

function rangeOf(from: string, to: string): readonly [number, number] | undefined {
  if (from === "" || to === "") return undefined;
  const range = [Number(from), Number(to)] as const;
  return range.every(Number.isFinite) && range[0] < range[1] ? range : undefined;
}
