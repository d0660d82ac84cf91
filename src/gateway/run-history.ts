/**
 * The history of a run's metric while its tracker is away: what was journaled of it, where the journal still has all of the
 * run. MLflow's client asks for the history of each metric when it logs a model. And what a run measured of its models.
 */
import type { Journal } from "../journal/journal.js";
import { type ColumnView, isFor, viewBatch } from "../model/batch-view.js";
import { HISTORY_POINTS_MAX } from "../model/limits.js";
import { factsOf, type Target } from "../model/target.js";
import type { BackendModels } from "../runs/backend-models.js";
import type { BackendRuns } from "../runs/backend-runs.js";
import type { Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import { keptRecordsAfter } from "./journaled-records.js";
import type { JsonObject } from "./requests/body.js";
import { metricOf, type Point, pointsOf } from "./run-fold.js";

export interface RunHistoryParts {
  readonly journal: Pick<Journal, "read" | "recall" | "release">;
  readonly runs: Pick<RunBook, "find">;
  readonly backendRuns: Pick<BackendRuns, "find">;
  readonly backendModels: Pick<BackendModels, "ownId">;
}

export class RunHistory {
  readonly #parts: RunHistoryParts;

  constructor(parts: RunHistoryParts) {
    this.#parts = parts;
  }

  /** The points, in MLflow's order and JSON; undefined where they are not all known, or too many. */
  async of(run: Run, target: Target, key: string): Promise<JsonObject[] | undefined> {
    const { journal, runs, backendRuns } = this.#parts;
    const { runsKey } = factsOf(target.backend);
    const known = await backendRuns.find(run.runId, runsKey);
    // It was begun at the tracker, which may have points that never came by here.
    if (known?.kind === "known" && known.mlflowRunId === run.runId) return undefined;
    const points = new Map<string, Point>();
    let isWhole = false;
    for await (const record of keptRecordsAfter(journal, runs, run, 0)) {
      isWhole ||= record.startsRun;
      if (record.isGap || !isWhole) return undefined;
      const batch = viewBatch(record.payload);
      if (!isFor(batch, target.trackerId)) continue;
      // The same point is one, however often it came.
      for (const column of batch.columns.filter((each) => each.key === key))
        for (const point of pointsOf(column))
          points.set(`${point.timestampMs} ${point.step} ${point.value}`, point);
      if (points.size > HISTORY_POINTS_MAX) return undefined;
    }
    return isWhole ? [...points.values()].sort(byTime).map((point) => metricOf(key, point)) : undefined;
  }

  /** A logged model in MLflow's JSON, with those of its points over it that the journal still has in its run. */
  async over(model: JsonObject, run: Run, target: Target): Promise<JsonObject> {
    const { journal, runs } = this.#parts;
    const { model_id: id } = (model["info"] ?? {}) as JsonObject;
    const data = (model["data"] ?? {}) as JsonObject;
    const known = (data["metrics"] ?? []) as readonly JsonObject[];
    const metrics = new Map(known.map((metric) => [nameOf(metric), metric]));
    const isOfModel = await this.#sameModel(String(id));
    for await (const record of keptRecordsAfter(journal, runs, run, 0)) {
      if (metrics.size > HISTORY_POINTS_MAX) break;
      const batch = record.isGap ? undefined : viewBatch(record.payload);
      if (!batch || !isFor(batch, target.trackerId)) continue;
      for (const column of batch.columns)
        for (const metric of (await isOfModel(column)) ? measuredIn(column) : [])
          metrics.set(nameOf(metric), { ...metric, model_id: id, run_id: run.runId });
    }
    return { ...model, data: { ...data, ...(metrics.size > 0 ? { metrics: [...metrics.values()] } : {}) } };
  }

  /** Whether points measure a model, by whichever of its ids. */
  async #sameModel(id: string): Promise<(column: ColumnView) => Promise<boolean>> {
    const { backendModels } = this.#parts;
    const own = await backendModels.ownId(id);
    return async ({ modelId }) =>
      modelId === own || (!!modelId && (await backendModels.ownId(modelId)) === own);
  }
}

function measuredIn(column: ColumnView): JsonObject[] {
  const { key = "", dataset } = column;
  const of = dataset ? { dataset_name: dataset.name, dataset_digest: dataset.digest } : {};
  return [...pointsOf(column)].map((point) => ({ ...metricOf(key, point), ...of }));
}

/** As MLflow tells a model's points apart. */
function nameOf({ key, timestamp, step }: JsonObject): string {
  return JSON.stringify([key, Number(timestamp), Number(step ?? 0)]);
}

function byTime(one: Point, other: Point): number {
  return (
    Number(one.timestampMs - other.timestampMs) ||
    Number(one.step - other.step) ||
    (one.value < other.value ? -1 : Number(one.value > other.value))
  );
}
