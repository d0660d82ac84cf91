/** Finds runs by what they logged, in MLflow's words, over what their trackers have and what is still on its way there. */
import { backendKey } from "../model/target.js";
import { deliveredTo, type Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import type { KnownSearch } from "./local/known-search.js";
import type { KnownRun } from "./local/known-tables.js";
import type { JsonObject } from "./requests/body.js";
import { RequestFault } from "./requests/request-fault.js";
import { filterFault, placesOf, type RunData } from "./run-data.js";
import type { TrackerApi } from "./tracker-api.js";
import type { Place } from "./workspace.js";

export interface RunSearchParts {
  readonly data: Pick<RunData, "seen" | "known" | "idAt">;
  readonly runs: Pick<RunBook, "journaled">;
  readonly search: Pick<KnownSearch, "find">;
  readonly apiOf: (place: Place) => TrackerApi;
}

/** Runs in the order that was asked for, and what could not be looked at. */
export interface FoundRuns {
  /** By their ids, what the filter and the order name of each. */
  readonly found: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly missing: string;
}

/** Runs that a tracker is asked for at once. */
const AT_ONCE = 500;
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
    const known = await this.#views(runs, missing);
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

  /** Each run as it is seen. Trackers are asked for many at once, but for those that lack something. */
  async #views(runs: readonly Run[], missing: Set<string>): Promise<KnownRun[]> {
    const { data } = this.#parts;
    const shown = new Map<string, JsonObject>();
    for (const group of (await this.#groups(runs)).values())
      for (let begin = 0; begin < group.length; begin += AT_ONCE)
        await this.#ask(group.slice(begin, begin + AT_ONCE), shown, missing);
    const known: KnownRun[] = [];
    for (const run of runs) {
      const view = shown.get(run.runId);
      const seen = view
        ? { view, missing: "" }
        : await (missing.size > 0 ? data.known(run, "") : data.seen(run));
      if (seen.missing !== "") missing.add(seen.missing);
      known.push({ runId: run.runId, experimentId: EXPERIMENT, view: seen.view });
    }
    return known;
  }

  /** Runs that a tracker has all of, by their tracker. */
  async #groups(runs: readonly Run[]): Promise<Map<string, AskedRun[]>> {
    const groups = new Map<string, AskedRun[]>();
    for (const run of runs) {
      const [place] = placesOf(run);
      if (!place || deliveredTo(run, place.trackerId).seq < this.#parts.runs.journaled(run).seq) continue;
      const there = await this.#parts.data.idAt(run, place);
      if (!there) continue;
      const key = `${backendKey(place.backend)}\n${place.workspace ?? ""}`;
      const group = groups.get(key) ?? [];
      groups.set(key, group);
      group.push({ run, place, ...there });
    }
    return groups;
  }

  async #ask(
    asked: readonly AskedRun[],
    shown: Map<string, JsonObject>,
    missing: Set<string>,
  ): Promise<void> {
    const [first] = asked;
    if (!first) return;
    const { apiOf } = this.#parts;
    try {
      const api = apiOf(first.place);
      const list = asked.map(({ runId }) => `'${runId}'`).join(", ");
      const { status, body } = await api.ask("POST", SEARCH, {
        experiment_ids: [...new Set(asked.map(({ experimentId }) => experimentId))],
        filter: `attributes.run_id IN (${list})`,
        ...{ max_results: AT_ONCE, run_view_type: "ALL" },
      });
      if (status !== 200) return;
      const byId = new Map(asked.map(({ runId, run }) => [runId, run.runId]));
      for (const view of (body["runs"] ?? []) as JsonObject[]) {
        const ours = byId.get(String((view["info"] as JsonObject | undefined)?.["run_id"]));
        if (ours !== undefined) shown.set(ours, view);
      }
    } catch (error) {
      if (!(error instanceof RequestFault)) throw error;
      missing.add(`${first.place.tracker} can't be asked now: its runs are as they are known here.`);
    }
  }
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
