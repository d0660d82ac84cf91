/** Finds runs by what they logged, in MLflow's words, over what their trackers have and what is still on its way there. */
import { type Deadline, deadlineAfter } from "../home/wait.js";
import { backendKey } from "../model/target.js";
import { deliveredTo, type Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import type { KnownSearch } from "./local/known-search.js";
import type { KnownRun } from "./local/known-tables.js";
import type { JsonObject } from "./requests/body.js";
import { RequestFault } from "./requests/request-fault.js";
import { filterFault, placesOf, type RunData, type SeenRun } from "./run-data.js";
import type { Held, RunViews } from "./run-views.js";
import type { TrackerApi } from "./tracker-api.js";
import type { Place } from "./workspace.js";

export interface RunSearchParts {
  readonly data: Pick<RunData, "seen" | "eachKnown" | "idAt">;
  readonly runs: Pick<RunBook, "journaled">;
  readonly views: Pick<RunViews, "heldOnce" | "viewOnce">;
  readonly search: Pick<KnownSearch, "find">;
  readonly apiOf: (place: Place) => TrackerApi;
}

/** Runs in the order that was asked for, and what could not be looked at. */
export interface FoundRuns {
  /** By their ids, what the filter and the order name of each. */
  readonly found: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly missing: string;
}

/** Runs that a tracker is asked for at once: some of them have a thousand keys. */
const AT_ONCE = 100;
/** Runs that are asked for one by one, of a tracker that does not answer for many at once. */
const ONE_BY_ONE_MAX = 100;
/** How long trackers are asked: what is left is looked at as it is known. */
const ASK_MS_MAX = 60_000;
const LATE = `Trackers did not show all runs within ${ASK_MS_MAX / 1_000} s: the others are as they are known here.`;
const MANY = "Trackers did not show all runs: the others are as they are known here.";
const RESULTS_MAX = 50_000;
const SEARCH = "/api/2.0/mlflow/runs/search";
/** All runs stand in one experiment for the search among them. */
const EXPERIMENT = "0";

export class RunSearch {
  readonly #parts: RunSearchParts;

  constructor(parts: RunSearchParts) {
    this.#parts = parts;
  }

  /** Those of the runs that a filter means. Throws STEPWELL_FILTER_INVALID. */
  async find(runs: readonly Run[], filter: string, orderBy: readonly string[]): Promise<FoundRuns> {
    const missing = new Set<string>();
    const known = await this.#views(runs, [filter, ...orderBy].join("\n"), missing);
    const body = {
      ...{ experiment_ids: [EXPERIMENT], filter, order_by: [...orderBy] },
      ...{ max_results: RESULTS_MAX, run_view_type: "ALL" },
    };
    try {
      const request = { method: "POST", query: new URLSearchParams(), body };
      const { ids } = await this.#parts.search.find({ kind: "runs", runs: known }, request);
      const names = namesIn([filter, ...orderBy]);
      const views = new Map(known.map(({ runId, view }) => [runId, view]));
      const found = new Map(ids.map((id) => [id, valuesOf(views.get(id) ?? {}, names)]));
      return { found, missing: [...missing].join(" ") };
    } catch (error) {
      if (error instanceof RequestFault && error.code === "INVALID_PARAMETER_VALUE")
        throw filterFault(error.message);
      throw error;
    }
  }

  /**
   * Each run as it is seen, and of what it logged what the text names: of ten thousand runs no more is held at once.
   * Trackers are asked for many runs at once; one that fails is asked no more.
   */
  async #views(runs: readonly Run[], text: string, missing: Set<string>): Promise<KnownRun[]> {
    const asking = { text, missing, shown: new Map<string, JsonObject>(), late: deadlineAfter(ASK_MS_MAX) };
    const unlisted = new Set<string>();
    for (const group of (await this.#groups(runs)).values()) {
      if (await this.#askAll(group, asking))
        for (const { run } of group) if (!asking.shown.has(run.runId)) unlisted.add(run.runId);
    }
    await this.#lookAtOthers(
      runs.filter(({ runId }) => !asking.shown.has(runId)),
      unlisted,
      asking,
    );
    return runs.map(({ runId }) => ({
      runId,
      experimentId: EXPERIMENT,
      view: asking.shown.get(runId) ?? {},
    }));
  }

  /** Runs that no tracker has shown among others: a few that it may show alone, and all else as it is known here. */
  async #lookAtOthers(runs: readonly Run[], unlisted: ReadonlySet<string>, asking: Asking): Promise<void> {
    const { data } = this.#parts;
    const take = (run: Run, { view, missing }: SeenRun) => {
      if (missing !== "") asking.missing.add(missing);
      asking.shown.set(run.runId, namedIn(asking.text, view));
    };
    const rest: Run[] = [];
    for (const run of runs) {
      if (!unlisted.has(run.runId)) rest.push(run);
      else if (asking.late.leftMs() > 0 && unlisted.size <= ONE_BY_ONE_MAX) take(run, await data.seen(run));
      else rest.push(run);
    }
    if (rest.some(({ runId }) => unlisted.has(runId))) asking.missing.add(MANY);
    await data.eachKnown(rest, take);
  }

  /** Runs that a tracker has something of, by their tracker. */
  async #groups(runs: readonly Run[]): Promise<Map<string, AskedRun[]>> {
    const groups = new Map<string, AskedRun[]>();
    for (const run of runs) {
      const [place] = placesOf(run);
      const there = place && (await this.#parts.data.idAt(run, place));
      if (!there) continue;
      const key = `${backendKey(place.backend)}\n${place.workspace ?? ""}`;
      const group = groups.get(key) ?? [];
      groups.set(key, group);
      group.push({ run, place, ...there });
    }
    return groups;
  }

  /** Asks one tracker for its runs; false when it can't be asked now. */
  async #askAll(group: readonly AskedRun[], asking: Asking): Promise<boolean> {
    const pieces: (readonly AskedRun[])[] = [];
    for (let begin = 0; begin < group.length; begin += AT_ONCE)
      pieces.push(group.slice(begin, begin + AT_ONCE));
    for (let piece = pieces.shift(); piece; piece = pieces.shift()) {
      if (asking.late.leftMs() === 0) {
        asking.missing.add(LATE);
        return false;
      }
      const answer = await this.#ask(piece, asking);
      if (answer === "away") return false;
      const middle = piece.length >> 1;
      if (answer === "too large" && middle > 0) pieces.unshift(piece.slice(0, middle), piece.slice(middle));
    }
    return true;
  }

  async #ask(
    asked: readonly AskedRun[],
    { text, shown, missing }: Asking,
  ): Promise<"answered" | "away" | "too large"> {
    const [first] = asked;
    if (!first) return "answered";
    const { apiOf, runs, views } = this.#parts;
    try {
      const held = new Map<string, Held>();
      for (const { run, place } of asked)
        if (deliveredTo(run, place.trackerId).seq < runs.journaled(run).seq)
          held.set(run.runId, await views.heldOnce(run, place));
      const list = asked.map(({ runId }) => `'${runId}'`).join(", ");
      const { status, body } = await apiOf(first.place).ask("POST", SEARCH, {
        experiment_ids: [...new Set(asked.map(({ experimentId }) => experimentId))],
        filter: `attributes.run_id IN (${list})`,
        ...{ max_results: AT_ONCE, run_view_type: "ALL" },
      });
      if (status !== 200) return "answered";
      const byId = new Map(asked.map((each) => [each.runId, each]));
      for (const view of (body["runs"] ?? []) as JsonObject[]) {
        const ours = byId.get(String((view["info"] as JsonObject | undefined)?.["run_id"]));
        if (!ours) continue;
        const kept = held.get(ours.run.runId);
        const whole = kept ? await views.viewOnce(ours.run, ours.place, { run: view, held: kept }) : view;
        shown.set(ours.run.runId, namedIn(text, whole));
      }
      return "answered";
    } catch (error) {
      if (!(error instanceof RequestFault)) throw error;
      if (error.code === "INVALID_PARAMETER_VALUE" && asked.length > 1) return "too large";
      missing.add(`${first.place.tracker} can't be asked now: its runs are as they are known here.`);
      return "away";
    }
  }
}

/** A run without those metrics, params, tags and data sets that a text can't mean: their keys do not stand in it. */
function namedIn(text: string, view: JsonObject): JsonObject {
  const data = (view["data"] ?? {}) as JsonObject;
  const lists = ["metrics", "params", "tags"].map((name) => {
    const entries = (data[name] ?? []) as JsonObject[];
    return [name, entries.filter(({ key }) => text.includes(String(key)))] as const;
  });
  const inputs = /dataset/i.test(text) && view["inputs"] ? { inputs: view["inputs"] } : {};
  return { info: view["info"], data: Object.fromEntries(lists), ...inputs } as JsonObject;
}

/** A name of something that a run logged, as MLflow's filters have it. */
const NAME = /\b(metric|param|tag)s?\.(?:"([^"]+)"|`([^`]+)`|([\w./-]+))/g;

interface Name {
  readonly list: string;
  readonly key: string;
}

function namesIn(texts: readonly string[]): Name[] {
  const names = texts.flatMap((text) =>
    [...text.matchAll(NAME)].map(([, kind = "", ...keys]) => ({
      list: `${kind}s`,
      key: keys.find((key) => key !== undefined) ?? "",
    })),
  );
  return [...new Map(names.map((name) => [`${name.list}.${name.key}`, name])).values()];
}

/** What a run has of these. */
function valuesOf(view: JsonObject, names: readonly Name[]): Record<string, string> {
  const data = (view["data"] ?? {}) as JsonObject;
  return Object.fromEntries(
    names.flatMap(({ list, key }) => {
      const entries = (data[list] ?? []) as JsonObject[];
      const value = entries.find((entry) => entry["key"] === key)?.["value"];
      return value === undefined ? [] : [[`${list}.${key}`, String(value as string | number)]];
    }),
  );
}

interface AskedRun {
  readonly run: Run;
  readonly place: Place;
  /** The run's id at its tracker, and its experiment's. */
  readonly runId: string;
  readonly experimentId: string;
}

/** A search that is under way. */
interface Asking {
  /** What names what of the runs is wanted. */
  readonly text: string;
  readonly shown: Map<string, JsonObject>;
  readonly missing: Set<string>;
  readonly late: Deadline;
}
