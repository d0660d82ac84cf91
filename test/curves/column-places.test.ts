import test from "ava";
import fc from "fast-check";
import { ColumnPlaces } from "../../src/curves/column-places.js";
import { PointReader } from "../../src/curves/points.js";
import { type BatchView, type ColumnView, encodeBatch, viewBatch } from "../../src/model/batch-view.js";
import { columnOf, loggedPieces } from "./logged-points.js";
import { encodedOddly } from "./odd-batch.js";

/** Bytes in front of a batch, as a record's header is. */
const BEFORE = 7;

const key = fc.oneof(
  fc.constantFrom("loss", "train/loss", "é", "Ã©", "日本", "a b"),
  fc.string({ maxLength: 300 }),
);
const texts = fc.array(fc.record({ key: fc.string(), value: fc.string() }), { maxLength: 2 });
const batches = fc
  .record({
    keys: fc.array(key, { maxLength: 90 }),
    pieces: loggedPieces,
    params: texts,
    tags: texts,
    onlyTrackerId: fc.constantFrom("", "", "one"),
  })
  .map(({ keys, pieces, params, tags, onlyTrackerId }): BatchView => {
    const columns = keys.map((name, index) => columnOf(pieces[index % pieces.length] ?? [], name));
    const none = { start: undefined, end: undefined, removedTags: [], calls: [] };
    return { sequence: 300n, runId: "0a".repeat(16), params, tags, onlyTrackerId, columns, ...none };
  });

function framed(batch: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(BEFORE + batch.length).fill(0xff);
  bytes.set(batch, BEFORE);
  return bytes.subarray(BEFORE);
}

/** What is read at the places that were found. */
function found(places: ColumnPlaces, bytes: Uint8Array) {
  const reader = new PointReader();
  return Array.from({ length: places.count }, (_, at) => {
    const lists = [places.steps(at), places.timestamps(at), places.values(at)] as const;
    const { count, steps, timestampsMs, values } = reader.readAt(bytes, ...lists, places.length(at));
    return [
      places.key(at),
      [...steps.subarray(0, 2 * count)],
      [...timestampsMs.subarray(0, 2 * count)],
      [...values.subarray(0, count)],
    ];
  });
}

/** The same, out of the batch as it is read everywhere else. */
function wanted(columns: readonly ColumnView[]) {
  const reader = new PointReader();
  return columns.map((column) => {
    const { count, steps, timestampsMs, values } = reader.read(column);
    return [
      column.key ?? "",
      [...steps.subarray(0, 2 * count)],
      [...timestampsMs.subarray(0, 2 * count)],
      [...values.subarray(0, count)],
    ];
  });
}

test("what is found in a batch's bytes is what a reader of the batch has", (t) => {
  const places = new ColumnPlaces();
  fc.assert(
    fc.property(batches, (batch) => {
      const bytes = framed(encodeBatch(batch));
      t.true(places.find(bytes));
      t.deepEqual(found(places, bytes), batch.onlyTrackerId ? [] : wanted(batch.columns));
      for (let at = 0; at < places.count; at++)
        for (const { key: name = "" } of batch.columns)
          if (places.isKey(at, name)) t.is(places.key(at), name);
    }),
    { numRuns: 80 },
  );
});

test("keys of ASCII are known without their text, others are not taken for them", (t) => {
  const places = new ColumnPlaces();
  const columns = ["loss", "é", "lost"].map((name) =>
    columnOf([{ step: 0n, timestampMs: 0n, value: 1 }], name),
  );
  const [batch] = fc.sample(batches, 1);
  if (!batch) throw new RangeError("there is no batch");
  t.true(places.find(framed(encodeBatch({ ...batch, onlyTrackerId: "", columns }))));
  t.true(places.isKey(0, "loss"));
  t.false(places.isKey(0, "lost"));
  t.false(places.isKey(0, "los"));
  t.false(places.isKey(1, "Ã©"));
});

test("lists in pieces are left to a reader of the batch, and bytes that are cut off are never taken for columns", (t) => {
  const places = new ColumnPlaces();
  fc.assert(
    fc.property(batches, fc.boolean(), fc.nat(), (batch, isUnpacked, cut) => {
      const odd = encodedOddly(batch, isUnpacked);
      const hasMany = batch.columns.some(({ values }) => values.length > 8);
      if (hasMany || (isUnpacked && batch.columns.length > 0)) t.false(places.find(framed(odd)));
      t.deepEqual(wanted(viewBatch(odd).columns), wanted(batch.columns));
      const bytes = framed(encodeBatch(batch));
      const some = bytes.subarray(0, cut % bytes.length);
      if (places.find(some)) t.deepEqual(found(places, some), wanted(batch.columns).slice(0, places.count));
    }),
    { numRuns: 80 },
  );
});
