import test from "ava";
import { Column } from "../src/column.js";

function contents(column: Column) {
  const { steps, timestampsMs, values } = column.bytes(column.length);
  return {
    steps: [...new BigInt64Array(steps.slice().buffer)],
    timestampsMs: [...new BigInt64Array(timestampsMs.slice().buffer)],
    values: [...new Float64Array(values.slice().buffer)],
  };
}

test("steps keep all 64 bits, as numbers and as bigints", (t) => {
  const column = new Column(new Uint8Array());
  const steps = [
    0,
    -1,
    1,
    2 ** 31,
    -(2 ** 31) - 1,
    2 ** 32,
    -(2 ** 32),
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
    2 ** 62,
    -(2 ** 63),
  ];
  const all = [...steps, ...steps.map(BigInt), 2n ** 63n - 1n];
  for (const step of all) column.push(step, 0, 0);
  t.deepEqual(contents(column).steps, all.map(BigInt));
});

test("typed arrays and plain lists give the same columns, also as views into larger memory", (t) => {
  const steps = [5n, -6n, 7n];
  const timestamps = [1_700_000_000_000n, 0n, 2n ** 40n];
  const values = [0.1, Number.NaN, Number.POSITIVE_INFINITY];
  const expected = { steps, timestampsMs: timestamps, values };
  const lists = new Column(new Uint8Array());
  lists.pushSeries(steps, timestamps.map(Number), values);
  t.deepEqual(contents(lists), expected);
  const typed = new Column(new Uint8Array());
  typed.pushSeries(
    BigInt64Array.from([0n, ...steps]).subarray(1),
    BigInt64Array.from([0n, 0n, ...timestamps]).subarray(2),
    Float64Array.from([9, ...values]).subarray(1),
  );
  t.deepEqual(contents(typed), expected);
  const narrow = new Column(new Uint8Array());
  narrow.pushSeries(Int32Array.of(1, 2), 3, Float32Array.of(0.5, 1.5));
  t.deepEqual(contents(narrow), { steps: [1n, 2n], timestampsMs: [3n, 3n], values: [0.5, 1.5] });
});

test("a series is copied: the caller may use its arrays again", (t) => {
  const column = new Column(new Uint8Array());
  const values = Float64Array.of(1, 2);
  column.pushSeries(BigInt64Array.of(1n, 2n), 0, values);
  values.fill(9);
  t.deepEqual(contents(column).values, [1, 2]);
});

test("points come out in the order in which they went in, whatever is dropped in between", (t) => {
  const column = new Column(new Uint8Array());
  const expected: bigint[] = [];
  let next = 0;
  for (let round = 0; round < 500; round++) {
    const size = (round * 7919) % 300;
    if (round % 2 === 0) {
      const steps = Array.from({ length: size }, () => next++);
      column.pushSeries(steps, 0, new Float64Array(size));
      expected.push(...steps.map(BigInt));
    } else {
      column.push(next, 0, 0);
      expected.push(BigInt(next++));
    }
    const taken = Math.min(column.length, (round * 104_729) % 200);
    const { steps } = column.bytes(taken);
    t.deepEqual([...new BigInt64Array(steps.slice().buffer)], expected.splice(0, taken));
    column.drop(taken);
  }
  t.deepEqual(contents(column).steps, expected);
});
