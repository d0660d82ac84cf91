import type { Author, LeftCursor } from "./cursor.js";
import type { RunEnd, RunStart } from "./run.js";

/** A call of MLflow's API that no entry stands for. */
export interface ApiCall {
  readonly method: string;
  /** Below /api/2.0/mlflow/. */
  readonly path: string;
  /** An object of JSON; empty: none. */
  readonly body: string;
  /** Whether the id that the run has at the backend goes into the body, as run_id. */
  readonly namesRun: boolean;
}

/** A dataset, as points name it. */
export interface DatasetName {
  readonly name: string;
  readonly digest: string;
}

/** A param or a tag. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/**
 * Metric points as columns of equal length: row i is the point
 * (keys[keyIndexes[i]], steps[i], timestampsMs[i], values[i]), which measures the logged
 * model modelIds[keyIndexes[i]]. No object per point. A key is there once for each model and dataset.
 * Each array owns its whole buffer, so that the rows can move to a worker without a copy.
 */
export interface MetricRows {
  readonly keys: readonly string[];
  /** The logged model of each of the keys; empty: none. */
  readonly modelIds: readonly string[];
  /** What the model was measured with, for each of the keys; absent: nothing is known of it for any. */
  readonly datasets?: readonly (DatasetName | undefined)[];
  readonly keyIndexes: Uint32Array<ArrayBuffer>;
  readonly steps: BigInt64Array<ArrayBuffer>;
  readonly timestampsMs: BigInt64Array<ArrayBuffer>;
  readonly values: Float64Array<ArrayBuffer>;
}

/**
 * Entries of one run cut to one backend request, in the journal's order. They take
 * effect as: start, params, metrics, removed tags, tags, end.
 */
export interface Pack {
  readonly runId: string;
  /** The journal position of the last record in the pack. */
  readonly lastSeq: number;
  /** Metric points of this run from its first record through lastSeq. */
  readonly pointsThrough: number;
  /** Bytes of its records through lastSeq. */
  readonly bytesThrough: number;
  /** Who sends it. */
  readonly author: Author;
  /** Where the backend's cursor of the run was left; undefined where it is to have none. */
  readonly after: LeftCursor | undefined;
  readonly start: RunStart | undefined;
  readonly params: readonly KeyValue[];
  readonly metrics: MetricRows;
  /** Keys of tags that are to go, before the tags are set. */
  readonly removedTags: readonly string[];
  readonly tags: readonly KeyValue[];
  readonly end: RunEnd | undefined;
  /** A pack has either these or entries. */
  readonly calls: readonly ApiCall[];
  /** The records that it was made of, byte by byte, for a sink that carries them on. */
  readonly records: readonly Uint8Array[];
  /** The position of each of them, with the run's sums through it, for a sink that keeps them apart. */
  readonly recordsThrough?: readonly RecordThrough[];
  /** Our ids of parents that the records name by other ones, where only the pack's sender knows them. */
  readonly parents?: ReadonlyMap<string, string>;
}

/** A record's position in the journal, with its run's sums through it. */
export interface RecordThrough {
  readonly seq: number;
  readonly points: number;
  readonly bytes: number;
}
