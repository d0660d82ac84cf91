import { join } from "node:path";
import type { ExecutionContext } from "ava";
import type { LeftCursor } from "../../../src/model/cursor.js";
import type { MetricRows, Pack } from "../../../src/model/pack.js";
import { openSqliteSink, type SqliteSinkOptions } from "../../../src/sinks/mlflow-sqlite/sqlite-sink.js";
import type { Sink } from "../../../src/sinks/sink.js";
import { scratchFolder } from "../../support/folder.js";

export const RUN_ID = "0123456789abcdef0123456789abcdef";
export const HOME_ID = "a".repeat(32);
export const AUTHOR = { homeId: HOME_ID, incarnation: "1".repeat(32) };
export const OTHER_RUN_ID = "fedcba9876543210fedcba9876543210";
export const START = {
  experimentName: "digits",
  runName: "brave-brook-7",
  startTimeMs: 1_700_000_000_000,
  user: "ada",
  sourceName: "train.py",
  parentRunId: "",
};

/** One metric point: key, step, timestamp in ms, value. */
export type Point = readonly [key: string, step: bigint, timestampMs: bigint, value: number];

/** A sink on a database in a folder of its own, closed when the test is over. */
export async function sinkFor(
  t: ExecutionContext,
  options: Partial<SqliteSinkOptions> = {},
): Promise<{ sink: Sink; databasePath: string; artifactRoot: string }> {
  const folder = await scratchFolder(t);
  const databasePath = options.databasePath ?? join(folder, "store", "mlflow.db");
  const artifactRoot = join(databasePath, "..", "mlflow_artifacts");
  return { sink: sinkOn(t, databasePath, options), databasePath, artifactRoot };
}

/** One more sink on a database, as a daemon has it after a restart. */
export function sinkOn(
  t: ExecutionContext,
  databasePath: string,
  options: Partial<SqliteSinkOptions> = {},
): Sink {
  const sink = openSqliteSink({
    databasePath,
    artifactRoot: join(databasePath, "..", "mlflow_artifacts"),
    clock: { nowMs: () => 1_700_000_000_500, monotonicMs: () => 500 },
    ...options,
  });
  t.teardown(() => sink.close());
  return following(sink);
}

/** A sink whose packs say, as lanes' do, where the one before left the run's cursor. */
export function following(sink: Sink): Sink {
  const left = new Map<string, LeftCursor>();
  const keyOf = ({ author, runId }: Pack) => `${author.homeId} ${runId}`;
  return {
    ...{ limits: sink.limits, cursors: sink.cursors, close: () => sink.close() },
    send: async (packs) => {
      const told = packs.map((each) => ({ ...each, after: each.after ?? left.get(keyOf(each)) }));
      const outcomes = await sink.send(told);
      for (const [index, each] of told.entries()) {
        const outcome = outcomes[index];
        if (outcome?.kind !== "delivered") continue;
        const seq = outcome.refused.length === 0 ? each.lastSeq : (each.after?.seq ?? 0);
        left.set(keyOf(each), { ...each.author, seq });
      }
      return outcomes;
    },
  };
}

/** A pack of one record; what is not given is empty. */
export function pack(seq: number, points: readonly Point[] = [], rest: Partial<Pack> = {}): Pack {
  return {
    runId: RUN_ID,
    lastSeq: seq,
    pointsThrough: points.length,
    bytesThrough: 0,
    author: AUTHOR,
    after: undefined,
    start: START,
    params: [],
    metrics: rowsOf(points),
    removedTags: [],
    tags: [],
    end: undefined,
    calls: [],
    records: [],
    ...rest,
  };
}

/** Points as the columns of a pack. */
export function rowsOf(points: readonly Point[]): MetricRows {
  const keys = [...new Set(points.map(([key]) => key))];
  return {
    keys,
    modelIds: keys.map(() => ""),
    keyIndexes: Uint32Array.from(points, ([key]) => keys.indexOf(key)),
    steps: BigInt64Array.from(points, ([, step]) => step),
    timestampsMs: BigInt64Array.from(points, ([, , timestampMs]) => timestampMs),
    values: Float64Array.from(points, ([, , , value]) => value),
  };
}

/** Points of 20 keys, a value for each at every step, as a training loop logs them. */
export function trainingPoints(firstStep: number, steps: number): Point[] {
  return Array.from({ length: steps * 20 }, (_, index) => {
    const step = firstStep + Math.floor(index / 20);
    return [
      `train/metric-${index % 20}`,
      BigInt(step),
      1_700_000_000_000n + BigInt(step),
      Math.sin(index + step),
    ];
  });
}
