import { type BatchView, type ColumnView, POINT_COLUMN_BYTES } from "../model/batch-view.js";
import { RECORD_ENTRIES_MAX, RECORD_TEXTS_MAX } from "../model/limits.js";

/**
 * Cuts a batch into parts of at most RECORD_ENTRIES_MAX points, RECORD_TEXTS_MAX params
 * and as many tags or removed tags. The start is in the first part, the end in the last. Calls come behind all else, each
 * in a part of its own: one that has to be sent again takes no other along.
 */
export function cutBatch(batch: BatchView): BatchView[] {
  const columns = cutColumns(batch.columns);
  const params = cutList(batch.params);
  const removedTags = cutList(batch.removedTags);
  const tags = cutList(batch.tags);
  const removing = removedTags.length;
  // A tag is set behind the removals, which may name it.
  const before = Math.max(columns.length, params.length, removing + tags.length);
  const count = Math.max(before + batch.calls.length, 1);
  return Array.from({ length: count }, (_, index) => ({
    sequence: batch.sequence,
    runId: batch.runId,
    start: index === 0 ? batch.start : undefined,
    params: params[index] ?? [],
    columns: columns[index] ?? [],
    removedTags: removedTags[index] ?? [],
    tags: tags[index - removing] ?? [],
    end: index === count - 1 ? batch.end : undefined,
    onlyTrackerId: batch.onlyTrackerId,
    calls: index < before ? [] : batch.calls.slice(index - before, index - before + 1),
  }));
}

function cutList<Each>(list: readonly Each[]): Each[][] {
  const parts: Each[][] = [];
  for (let from = 0; from < list.length; from += RECORD_TEXTS_MAX)
    parts.push(list.slice(from, from + RECORD_TEXTS_MAX));
  return parts;
}

function cutColumns(columns: readonly ColumnView[]): ColumnView[][] {
  const parts: ColumnView[][] = [];
  let part: ColumnView[] = [];
  let room = RECORD_ENTRIES_MAX;
  for (const column of columns) {
    const points = column.values.length / POINT_COLUMN_BYTES;
    for (let from = 0; from < points; ) {
      const to = Math.min(points, from + room);
      part.push(sliceColumn(column, from, to));
      room -= to - from;
      from = to;
      if (room === 0) {
        parts.push(part);
        part = [];
        room = RECORD_ENTRIES_MAX;
      }
    }
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

function sliceColumn(column: ColumnView, from: number, to: number): ColumnView {
  const cut = (bytes: Uint8Array) => bytes.subarray(from * POINT_COLUMN_BYTES, to * POINT_COLUMN_BYTES);
  return {
    key: column.key,
    modelId: column.modelId,
    ...(column.dataset ? { dataset: column.dataset } : {}),
    steps: cut(column.steps),
    timestampsMs: cut(column.timestampsMs),
    values: cut(column.values),
  };
}
