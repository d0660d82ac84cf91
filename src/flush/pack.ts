/**
 * Packs: records of one run put together into columns that a backend takes in one go.
 * The columns' bytes are copied as they came over the wire; nothing is made per point.
 */
import type { JournalRecord } from "../journal/record.js";
import {
  type BatchView,
  type ColumnView,
  isFor,
  POINT_COLUMN_BYTES,
  pointsIn,
  viewBatch,
} from "../model/batch-view.js";
import type { Author, LeftCursor } from "../model/cursor.js";
import type { DatasetName, KeyValue, MetricRows, Pack } from "../model/pack.js";
import type { RunEnd, RunStart } from "../model/run.js";

/** What a pack needs to know of its run. */
export interface PackRun {
  readonly runId: string;
  readonly start: RunStart;
  /** How the run ended, or that it goes on. */
  readonly end: RunEnd | undefined;
  readonly author: Author;
  /** Where the backend's cursor of the run was left. */
  readonly after: LeftCursor | undefined;
}

/** What a pack takes of a record beside its batch. */
export type PackedRecord = Pick<JournalRecord, "seq" | "through" | "endsRun" | "payload">;

/** A record and what its payload holds. */
export interface Piece<Packed extends PackedRecord = PackedRecord> {
  readonly record: Packed;
  readonly batch: BatchView;
}

/**
 * The first records, decoded, up to one that is for another tracker. One with calls stands alone: it comes again
 * without the entries before it.
 */
export function piecesFor(records: readonly JournalRecord[], trackerId: string): Piece<JournalRecord>[] {
  const pieces = records.map((record) => ({ record, batch: viewBatch(record.payload) }));
  const end = pieces.findIndex(
    ({ batch }, index) => !isFor(batch, trackerId) || (batch.calls.length > 0 && index > 0),
  );
  const isAlone = end !== 0 && (pieces[0]?.batch.calls.length ?? 0) > 0;
  return isAlone ? pieces.slice(0, 1) : end === -1 ? pieces : pieces.slice(0, end);
}

/** Puts records together; there is at least one, and they are in the journal's order. */
export function packOf(run: PackRun, pieces: readonly Piece[]): Pack {
  const last = pieces.at(-1)?.record;
  if (!last) throw new RangeError("a pack needs a record");
  const params: KeyValue[] = [];
  let tags: KeyValue[] = [];
  const removedTags = new Set<string>();
  const columns: ColumnView[] = [];
  for (const { batch } of pieces) {
    for (const param of batch.params) params.push({ key: param.key ?? "", value: param.value ?? "" });
    const removed = new Set(batch.removedTags.map((key) => key ?? ""));
    if (removed.size > 0) tags = tags.filter((tag) => !removed.has(tag.key));
    for (const key of removed) removedTags.add(key);
    for (const tag of batch.tags) tags.push({ key: tag.key ?? "", value: tag.value ?? "" });
    for (const column of batch.columns) columns.push(column);
  }
  const hasEnd = pieces.some(({ record }) => record.endsRun);
  return {
    runId: run.runId,
    lastSeq: last.seq,
    pointsThrough: last.through.points,
    bytesThrough: last.through.bytes,
    author: run.author,
    after: run.after,
    start: run.start,
    params,
    metrics: rowsOf(columns),
    removedTags: [...removedTags],
    tags,
    end: hasEnd ? run.end : undefined,
    calls: pieces.flatMap(({ batch }) => batch.calls),
    records: pieces.map(({ record }) => record.payload),
    recordsThrough: pieces.map(({ record }) => record.through),
  };
}

function rowsOf(columns: readonly ColumnView[]): MetricRows {
  const count = pointsIn(columns);
  const keys: string[] = [];
  const modelIds: string[] = [];
  const datasets: (DatasetName | undefined)[] = [];
  const indexes = new Map<string, number>();
  const keyIndexes = new Uint32Array(count);
  const steps = new BigInt64Array(count);
  const timestampsMs = new BigInt64Array(count);
  const values = new Float64Array(count);
  const stepBytes = bytesOf(steps);
  const timestampBytes = bytesOf(timestampsMs);
  const valueBytes = bytesOf(values);
  let row = 0;
  for (const column of columns) {
    const { key = "", modelId = "", dataset } = column;
    // No key holds a line's end, and no model's id.
    const ofModel = modelId === "" ? key : `${key}\n${modelId}`;
    const name = dataset ? `${ofModel}\n${JSON.stringify(dataset)}` : ofModel;
    let index = indexes.get(name);
    if (index === undefined) {
      index = keys.push(key) - 1;
      modelIds.push(modelId);
      datasets.push(dataset);
      indexes.set(name, index);
    }
    const points = column.values.length / POINT_COLUMN_BYTES;
    keyIndexes.fill(index, row, row + points);
    stepBytes.set(column.steps, row * POINT_COLUMN_BYTES);
    timestampBytes.set(column.timestampsMs, row * POINT_COLUMN_BYTES);
    valueBytes.set(column.values, row * POINT_COLUMN_BYTES);
    row += points;
  }
  return {
    keys,
    modelIds,
    ...(datasets.some(Boolean) ? { datasets } : {}),
    keyIndexes,
    steps,
    timestampsMs,
    values,
  };
}

/** The wire is little-endian, and so is every machine that Node runs on but s390x, which is not supported. */
function bytesOf(array: BigInt64Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
