import test from "ava";
import * as fc from "fast-check";
import { byNumber } from "../../src/reading/key-order.js";

const words = fc
  .array(fc.constantFrom("a", "b", "A", "0", "1", "2", "10", "007", "/", "_", "é", "漢"), { maxLength: 7 })
  .map((parts) => parts.join(""));

test("numbers stand by their value, letters whether they are capital or not", (t) => {
  const keys = ["k10", "K2", "k1", "k02", "loss", "LR", "k1/a", "9", "10", "k123456789012345678901", "k99"];
  t.deepEqual(keys.sort(byNumber), [
    ...["9", "10", "k1", "k1/a", "K2", "k02", "k10", "k99", "k123456789012345678901", "loss", "LR"],
  ]);
});

test("it is an order: of two that differ one is first, and what is before another is before what is behind that", (t) => {
  fc.assert(
    fc.property(words, words, words, (a, b, c) => {
      const signs = [byNumber(a, b), byNumber(b, a)].map(Math.sign);
      if ((signs[0] ?? 0) + (signs[1] ?? 0) !== 0 || (signs[0] === 0) !== (a === b)) return false;
      return !(byNumber(a, b) < 0 && byNumber(b, c) < 0) || byNumber(a, c) < 0;
    }),
    { numRuns: 5_000 },
  );
  t.pass();
});

test("words of small letters and numbers stand as Intl has them", (t) => {
  const { compare } = new Intl.Collator("en", { numeric: true });
  const plain = fc
    .array(fc.constantFrom("a", "b", "z", "1", "20", "3"), { maxLength: 7 })
    .map((all) => all.join(""));
  fc.assert(
    fc.property(plain, plain, (a, b) => Math.sign(byNumber(a, b)) === Math.sign(compare(a, b))),
    { numRuns: 2_000 },
  );
  t.pass();
});
