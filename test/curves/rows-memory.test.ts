import test from "ava";
import { SlabMemory, STRIDE } from "../../src/curves/rows-memory.js";

const RUNS = 400;
const SHORT_BYTES_MAX = 8_000;

test("memory for a curve or two is small, and for many it is a few large pieces", (t) => {
  const before = process.memoryUsage().arrayBuffers;
  const short = Array.from({ length: RUNS }, () => new SlabMemory());
  const rows = short.map((memory) => memory.take(4));
  const grown = process.memoryUsage().arrayBuffers - before;
  t.true(grown < RUNS * SHORT_BYTES_MAX, `${grown} bytes for ${rows.length} short runs`);
  const long = new SlabMemory();
  const pieces = new Set(Array.from({ length: 10_000 }, () => long.take(4).buffer));
  t.true(pieces.size < 25, `${pieces.size} pieces`);
  const [one = 0, two = 0] = [long.take(32), long.take(32)].map(({ length }) => length);
  t.deepEqual([one, two], [32 * STRIDE, 32 * STRIDE]);
});
