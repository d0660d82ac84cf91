/**
 * The history of a run's metric while its tracker is away: what was journaled of it, where the journal still has all of the
 * run. MLflow's client asks for the history of each metric when it logs a model.
 */
import type { Journal } from "../journal/journal.js";
import { isFor, viewBatch } from "../model/batch-view.js";
import { HISTORY_POINTS_MAX } from "../model/limits.js";
import { factsOf, type Target } from "../model/target.js";
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
}

function byTime(one: Point, other: Point): number {
  return (
    Number(one.timestampMs - other.timestampMs) ||
    Number(one.step - other.step) ||
    (one.value < other.value ? -1 : Number(one.value > other.value))
  );
}
