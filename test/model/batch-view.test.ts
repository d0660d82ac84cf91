import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import test from "ava";
import fc from "fast-check";
import { Batch } from "../../src/gen/stepwell/v1/ingest.js";
import { type ColumnView, encodeBatch, viewBatch } from "../../src/model/batch-view.js";

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const text = fc.string({ unit: "grapheme", maxLength: 20 });
const keyValue = fc.record({ key: text, value: text });
const dataset = fc.record({ name: text, digest: text });
const column = fc
  .array(fc.record({ step: int64, timestamp: int64, value: fc.double() }), { maxLength: 20 })
  .chain((points) =>
    fc.record({ key: text, modelId: text, dataset: fc.option(dataset, { nil: undefined }) }).map((names) => ({
      ...names,
      steps: points.map((point) => point.step),
      timestampsMs: points.map((point) => point.timestamp),
      values: points.map((point) => point.value),
    })),
  );
const batches = fc.record({
  sequence: fc.bigInt({ min: 0n, max: 2n ** 53n }),
  runId: text,
  runStart: fc.constant(undefined),
  params: fc.array(keyValue, { maxLength: 5 }),
  metrics: fc.array(column, { maxLength: 5 }),
  tags: fc.array(keyValue, { maxLength: 5 }),
  runEnd: fc.constant(undefined),
  removedTags: fc.array(text, { maxLength: 5 }),
  calls: fc.array(fc.record({ method: text, path: text, body: text, namesRun: fc.boolean() }), {
    maxLength: 2,
  }),
});

function decodeColumn(view: ColumnView) {
  const list = (bytes: Uint8Array) => new DataView(Uint8Array.from(bytes).buffer);
  const count = view.values.length / 8;
  const each = <Value>(read: (index: number) => Value) =>
    Array.from({ length: count }, (_, index) => read(index * 8));
  return {
    key: view.key,
    modelId: view.modelId,
    ...(view.dataset ? { dataset: view.dataset } : {}),
    steps: each((at) => list(view.steps).getBigInt64(at, true)),
    timestampsMs: each((at) => list(view.timestampsMs).getBigInt64(at, true)),
    values: each((at) => list(view.values).getFloat64(at, true)),
  };
}

test("a view holds what a full decode of the same bytes holds", (t) => {
  fc.assert(
    fc.property(batches, (batch) => {
      const bytes = Batch.encode(batch).finish();
      const view = viewBatch(bytes);
      const decoded = Batch.decode(bytes);
      t.is(view.sequence, decoded.sequence);
      t.is(view.runId, decoded.runId);
      t.deepEqual(view.params, decoded.params);
      t.deepEqual(view.tags, decoded.tags);
      t.deepEqual(view.removedTags, decoded.removedTags);
      t.deepEqual(view.calls, decoded.calls);
      const metrics = decoded.metrics.map(({ dataset: named, ...each }) =>
        named ? { ...each, dataset: named } : each,
      );
      t.deepEqual(view.columns.map(decodeColumn), metrics);
    }),
  );
  t.pass();
});

test("what a view encodes is the same batch again", (t) => {
  fc.assert(
    fc.property(batches, (batch) => {
      const bytes = Batch.encode(batch).finish();
      t.deepEqual(Batch.decode(encodeBatch(viewBatch(bytes))), Batch.decode(bytes));
    }),
  );
  t.pass();
});

test("columns that come unpacked or in several chunks are read alike", (t) => {
  const writer = new BinaryWriter().tag(5, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).string("loss");
  writer.tag(2, WireType.Bit64).sfixed64(7).tag(2, WireType.LengthDelimited).fork().sfixed64(-8).join();
  writer.tag(3, WireType.Bit64).sfixed64(1).tag(3, WireType.Bit64).sfixed64(2);
  writer.tag(4, WireType.Bit64).double(0.5).tag(4, WireType.Bit64).double(Number.NaN);
  const view = viewBatch(writer.join().finish());
  const [column] = view.columns.map(decodeColumn);
  t.deepEqual(column, {
    key: "loss",
    modelId: "",
    steps: [7n, -8n],
    timestampsMs: [1n, 2n],
    values: [0.5, Number.NaN],
  });
});

test("a text that is not valid UTF-8 is marked and the rest is read", (t) => {
  const writer = new BinaryWriter().tag(6, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).bytes(Uint8Array.of(0xff, 0xfe));
  writer.tag(2, WireType.LengthDelimited).string("value").join();
  t.deepEqual(viewBatch(writer.finish()).tags, [{ key: undefined, value: "value" }]);
});
