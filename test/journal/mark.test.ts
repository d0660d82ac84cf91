import test from "ava";
import { decodeMark, encodeMark } from "../../src/journal/mark.js";

const PRODUCER = "0123456789abcdef0123456789abcdef";

test("a mark comes back as it was written", (t) => {
  const mark = { epoch: 2n ** 63n + 7n, sequence: Number.MAX_SAFE_INTEGER };
  const { key, value } = encodeMark(PRODUCER, mark);
  t.deepEqual(decodeMark(key, value), { producerId: PRODUCER, mark });
});

test("a mark with any bit wrong, in its key or its value, is none", (t) => {
  const { key, value } = encodeMark(PRODUCER, { epoch: 3n, sequence: 12 });
  for (const bytes of [key, value]) {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const byte = bit >> 3;
      bytes[byte] = (bytes[byte] ?? 0) ^ (1 << (bit & 7));
      t.is(decodeMark(key, value), undefined, `bit ${bit} of ${bytes.length} bytes`);
      bytes[byte] = (bytes[byte] ?? 0) ^ (1 << (bit & 7));
    }
  }
  t.truthy(decodeMark(key, value));
});
