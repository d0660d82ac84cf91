import test from "ava";
import fc from "fast-check";
import {
  halvesOf,
  logBatchBody,
  type Slice,
  sizeOf,
  slicesOf,
} from "../../../src/sinks/mlflow-rest/log-batch.js";
import { type Point, rowsOf } from "../mlflow-sqlite/packs.js";

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const point = fc.tuple(text, int64, fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), fc.double());
const entry = fc.record({ key: text, value: text });

/** Numbers of 64 bits as texts, all else as JSON has it. */
function parse(body: Buffer): Record<string, Record<string, unknown>[]> {
  const quoted = body
    .toString("utf8")
    .replace(/"timestamp":(-?\d+),"step":(-?\d+)\}/g, '"timestamp":"$1","step":"$2"}');
  return JSON.parse(quoted) as Record<string, Record<string, unknown>[]>;
}

test("every point, param and tag is written with the very value and type that MLflow reads", (t) => {
  fc.assert(
    fc.property(fc.array(point, { maxLength: 40 }), fc.array(entry, { maxLength: 5 }), (points, texts) => {
      const rows = Uint32Array.from(points, (_, index) => index);
      const body = parse(
        logBatchBody("run", rowsOf(points as Point[]), { params: texts, rows, tags: texts }),
      );
      t.deepEqual(body["params"], texts);
      t.deepEqual(body["tags"], texts);
      for (const [index, [key, step, timestamp, value]] of points.entries()) {
        const written = body["metrics"]?.[index];
        t.like(written, { key, step: String(step), timestamp: String(timestamp) });
        if (Number.isFinite(value)) t.true(Object.is(written?.["value"], value), String(value));
        else t.is(written?.["value"], Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
      }
    }),
  );
});

test("a pack is cut into requests within MLflow's counts that hold each entry once and in order", (t) => {
  const count = fc.integer({ min: 0, max: 320 });
  fc.assert(
    fc.property(
      count,
      fc.integer({ min: 0, max: 2_500 }),
      count,
      fc.integer({ min: 1, max: 1000 }),
      (params, points, tags, entriesMax) => {
        const texts = (of: string, length: number) =>
          Array.from({ length }, (_, index) => ({ key: `${of}${index}`, value: "v" }));
        const metrics = rowsOf(Array.from({ length: points }, (_, index) => ["k", BigInt(index), 1n, 1]));
        const pack = { params: texts("p", params), metrics, tags: texts("t", tags) };
        const slices = slicesOf(pack, entriesMax);
        t.true(slices.every((slice) => sizeOf(slice) > 0 && sizeOf(slice) <= entriesMax));
        t.true(slices.every((slice) => slice.params.length <= 100 && slice.tags.length <= 100));
        t.deepEqual(whole(slices), {
          params: pack.params,
          rows: Array.from({ length: points }, (_, row) => row),
          tags: pack.tags,
        });
        for (const slice of slices.filter((each) => sizeOf(each) > 1))
          t.deepEqual(whole(halvesOf(slice)), whole([slice]));
      },
    ),
    { numRuns: 40 },
  );
});

test("params go first; one that repeats a key with another value goes in a request of its own", (t) => {
  const params = ["1", "1", "2"].map((value) => ({ key: "lr", value }));
  const slices = slicesOf({ params, metrics: rowsOf([["k", 1n, 1n, 1]]), tags: [] }, 1000);
  t.deepEqual(
    slices.map((slice) => [slice.params.map(({ value }) => value), slice.rows.length]),
    [
      [["1"], 0],
      [["2"], 1],
    ],
  );
});

function whole(slices: readonly Slice[]) {
  return {
    params: slices.flatMap(({ params }) => params),
    rows: slices.flatMap(({ rows }) => [...rows]),
    tags: slices.flatMap(({ tags }) => tags),
  };
}
