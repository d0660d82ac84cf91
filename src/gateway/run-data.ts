/**
 * What a run logged, for whoever looks at it: as its tracker has it, with what is still on its way there. Where no tracker
 * can be asked it is what the daemon knows, and that is said. A tracker that has nothing of a run is not asked.
 */
import { StepwellError } from "../errors/stepwell-error.js";
import type { GetRunDataRequest, GetRunDataResponse, RunMetric } from "../gen/stepwell/v1/runs.js";
import { type Deadline, deadlineAfter, within } from "../home/wait.js";
import type { Journal } from "../journal/journal.js";
import type { JournalRecord } from "../journal/record.js";
import { isFor, viewBatch } from "../model/batch-view.js";
import { factsOf } from "../model/target.js";
import type { BackendRuns } from "../runs/backend-runs.js";
import { deliveredTo, type Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import { CurveFold } from "./curve-fold.js";
import { keptRecordsAfter, recalled, recordsAfter } from "./journaled-records.js";
import type { CurvePoint } from "./local/curves.js";
import type { JsonObject } from "./requests/body.js";
import { RequestFault } from "./requests/request-fault.js";
import { RunFold } from "./run-fold.js";
import type { RunViews } from "./run-views.js";
import type { TrackerApi } from "./tracker-api.js";
import type { Place } from "./workspace.js";

export interface RunDataParts {
  readonly journal: Pick<Journal, "read" | "recall" | "release">;
  readonly runs: Pick<RunBook, "find" | "journaled">;
  readonly backendRuns: Pick<BackendRuns, "find">;
  readonly views: Pick<RunViews, "held" | "view">;
  readonly apiOf: (place: Place) => TrackerApi;
}

/** A run in MLflow's JSON, and where that comes from. */
export interface SeenRun {
  readonly view: JsonObject;
  /** The tracker that was asked, and the run's id there. */
  readonly asked?: { readonly place: Place; readonly runId: string } | undefined;
  /** What may not be in it; empty: it is whole. */
  readonly missing: string;
}

/** The curves that are wanted, as GetRunData is asked for them. */
export type WantedCurves = Omit<GetRunDataRequest, "runId">;

/** How long a tracker may take to show a run. */
const SHOW_MS_MAX = 5_000;
const CURVE_POINTS_MAX = 1_000;
const CURVES_MAX = 50;
const HISTORY = "/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval";
const GET_RUN = "/api/2.0/mlflow/runs/get";

export class RunData {
  readonly #parts: RunDataParts;

  constructor(parts: RunDataParts) {
    this.#parts = parts;
  }

  /** Its metrics, the curves of some of them, its params and tags. */
  async of(run: Run, { curves, curvePoints, curveKeys }: WantedCurves): Promise<GetRunDataResponse> {
    const { view, asked, missing } = await this.seen(run);
    const data = (view["data"] ?? {}) as JsonObject;
    const metrics = listOf(data["metrics"]).map(metricOf).sort(byKey);
    const keys = drawnKeys(metrics, curves, curveKeys);
    const most = Math.min(CURVE_POINTS_MAX, Math.max(2, curvePoints));
    const points =
      keys.length === 0 ? new Map<string, CurvePoint[]>() : await this.#curves(run, asked, keys, most);
    return {
      metrics: metrics.map((metric) => withCurve(metric, points.get(metric.key))),
      params: listOf(data["params"]).map(textOf).sort(byKey),
      tags: listOf(data["tags"]).map(textOf).sort(byKey),
      tracker: asked?.place.tracker ?? "",
      missing,
    };
  }

  /** The run as the first of its trackers shows it that can be asked. */
  async seen(run: Run): Promise<SeenRun> {
    let missing = "";
    for (const place of placesOf(run)) {
      const there = await this.idAt(run, place);
      if (!there) continue;
      const { runId } = there;
      try {
        const held = await this.#parts.views.held(run, place);
        const shown = await this.#ask(place, runId);
        const view = await this.#parts.views.view(run, place, { run: shown, held });
        if (view) return { view, asked: { place, runId }, missing: "" };
      } catch (error) {
        if (!(error instanceof RequestFault)) throw error;
        missing ||= `${place.tracker} can't be asked now: this is what is known here (${error.message})`;
      }
    }
    return await this.known(run, missing);
  }

  /** The ids that the run and its experiment have at a tracker; undefined while that has nothing of it. */
  async idAt(
    run: Run,
    place: Place,
  ): Promise<{ readonly runId: string; readonly experimentId: string } | undefined> {
    const known = await this.#parts.backendRuns.find(run.runId, factsOf(place.backend).runsKey);
    if (known?.kind !== "known") return undefined;
    return { runId: known.mlflowRunId, experimentId: known.experimentId };
  }

  /** What the daemon itself knows of a run: as it was seen last, or what is journaled of it. */
  async known(run: Run, missing: string): Promise<SeenRun> {
    return await this.#known(run, missing, keptRecordsAfter(this.#parts.journal, this.#parts.runs, run, 0));
  }

  /** The same of many runs, each handed on in its turn: what the journal keeps of them is fetched once. */
  async eachKnown(some: readonly Run[], take: (run: Run, seen: SeenRun) => void): Promise<void> {
    const { journal, runs } = this.#parts;
    const giveBack = await recalled(journal, runs, some);
    try {
      for (const run of some) take(run, await this.#known(run, "", recordsAfter(journal, run.number, 0)));
    } finally {
      giveBack();
    }
  }

  async #known(run: Run, missing: string, records: AsyncIterable<JournalRecord>): Promise<SeenRun> {
    const [place] = placesOf(run);
    const seen = place && (await this.#parts.views.view(run, place, undefined));
    if (seen) return { view: seen, missing };
    const fold = new RunFold();
    let isWhole = false;
    for await (const record of records) {
      isWhole ||= record.startsRun;
      if (record.isGap) continue;
      const batch = viewBatch(record.payload);
      if (!place || isFor(batch, place.trackerId)) fold.add(batch);
    }
    const part = "The journal does not hold all of this run any more.";
    const isPart = !isWhole && run.start !== undefined;
    return { view: fold.over(startOf(run)), missing: missing || (isPart ? part : "") };
  }

  async #ask(place: Place, runId: string): Promise<JsonObject> {
    const asking = this.#parts.apiOf(place).ask("GET", GET_RUN, { run_id: runId });
    // It may fail when nobody waits for it any more.
    asking.catch(() => undefined);
    if (!(await within(SHOW_MS_MAX, asking)))
      throw new RequestFault("TEMPORARILY_UNAVAILABLE", `no answer within ${SHOW_MS_MAX / 1_000} s`);
    const { status, body } = await asking;
    const shown = status === 200 ? (body["run"] as JsonObject | undefined) : undefined;
    if (shown) return shown;
    const said = typeof body["message"] === "string" ? body["message"] : `status ${status}`;
    throw new RequestFault("RESOURCE_DOES_NOT_EXIST", said);
  }

  /** Curves of what the tracker has and of what it has not. */
  async #curves(
    run: Run,
    asked: SeenRun["asked"],
    keys: readonly string[],
    most: number,
  ): Promise<Map<string, CurvePoint[]>> {
    const fold = new CurveFold(most);
    const { journal, runs } = this.#parts;
    const records = asked
      ? recordsAfter(journal, run.number, deliveredTo(run, asked.place.trackerId).seq)
      : keptRecordsAfter(journal, runs, run, 0);
    for await (const record of records) {
      if (record.isGap) continue;
      const batch = viewBatch(record.payload);
      if (!asked || isFor(batch, asked.place.trackerId)) fold.add(batch);
    }
    const stored = asked && (await this.#stored(asked.place, asked.runId, keys, most));
    // The last piece alone, of a curve that the tracker did not draw, would look like all of it.
    const drawn = stored ? keys.filter((key) => stored.has(key)) : keys;
    return new Map(drawn.map((key) => [key, fold.with(key, stored?.get(key) ?? [])]));
  }

  /** What a tracker can't draw in time is not drawn: there are those curves that came. */
  async #stored(place: Place, runId: string, keys: readonly string[], most: number) {
    const api = this.#parts.apiOf(place);
    const late = deadlineAfter(SHOW_MS_MAX);
    const curves = new Map<string, CurvePoint[]>();
    const drawing = draw({ api, runId, keys, most, late }, curves);
    drawing.catch(() => undefined);
    try {
      await within(SHOW_MS_MAX, drawing);
    } catch (error) {
      if (!(error instanceof RequestFault)) throw error;
    }
    return new Map(curves);
  }
}

interface Drawing {
  readonly api: TrackerApi;
  readonly runId: string;
  readonly keys: readonly string[];
  readonly most: number;
  readonly late: Deadline;
}

/** Curves in the API's own way, or one after the other as MLflow's own pages ask for them: a server that can't has none. */
async function draw(
  { api, runId, keys, most, late }: Drawing,
  curves: Map<string, CurvePoint[]>,
): Promise<void> {
  if (api.curves) for (const [key, points] of await api.curves(runId, keys, most)) curves.set(key, points);
  else
    for (const key of keys) {
      if (late.leftMs() === 0) return;
      const asked = { run_ids: runId, metric_key: key, max_results: String(most) };
      const { status, body } = await api.ask("GET", HISTORY, asked);
      if (status !== 200) return;
      curves.set(key, listOf(body["metrics"]).map(metricOf));
    }
}

/** Where a run goes. */
export function placesOf({ targets, start }: Run): Place[] {
  const workspace = start?.workspace;
  return (targets ?? []).map((target) => ({ ...target, ...(workspace === undefined ? {} : { workspace }) }));
}

/** A filter or an order that MLflow does not take. */
export function filterFault(message: string): StepwellError {
  const remedy = "Write it as MLflow does: --filter \"metrics.loss < 0.3 and params.lr = '0.1'\".";
  return new StepwellError("STEPWELL_FILTER_INVALID", message, { remedy });
}

/** A run without anything that was logged, in MLflow's JSON. */
function startOf({ runId, start, status, endTimeMs }: Run): JsonObject {
  const end = endTimeMs > 0 ? { end_time: endTimeMs } : {};
  return {
    info: {
      ...{ run_id: runId, run_name: start?.runName, user_id: start?.user, status: status ?? "RUNNING" },
      ...{ start_time: start?.startTimeMs, lifecycle_stage: "active", ...end },
    },
    data: {},
  };
}

/** The keys of those that are drawn. */
function drawnKeys(metrics: readonly RunMetric[], curves: number, wanted: readonly string[]): string[] {
  if (wanted.length > 0)
    return metrics.flatMap(({ key }) => (wanted.includes(key) ? [key] : [])).slice(0, CURVES_MAX);
  const latest = metrics.toSorted((one, other) => Number(other.timestampMs - one.timestampMs));
  return latest.slice(0, Math.min(curves, CURVES_MAX)).map(({ key }) => key);
}

function metricOf(metric: JsonObject): RunMetric {
  return {
    key: String(metric["key"]),
    step: BigInt((metric["step"] ?? 0) as number | string),
    timestampMs: BigInt((metric["timestamp"] ?? 0) as number | string),
    value: Number(metric["value"] ?? 0),
    curveSteps: [],
    curveValues: [],
  };
}

function withCurve(metric: RunMetric, points: readonly CurvePoint[] = []): RunMetric {
  return {
    ...metric,
    curveSteps: points.map(({ step }) => step),
    curveValues: points.map(({ value }) => value),
  };
}

function textOf(entry: JsonObject): { key: string; value: string } {
  return { key: String(entry["key"]), value: String((entry["value"] ?? "") as string) };
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? (value as JsonObject[]) : [];
}

function byKey(one: { readonly key: string }, other: { readonly key: string }): number {
  return one.key < other.key ? -1 : Number(one.key > other.key);
}
